package dev.tenon.compression;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FingerprintTest {
    private static String of(Tensor x) {
        return new Fingerprint().add(x).hex();
    }

    @Test
    void aModelIsWrittenOnceToKnowItsFile(@TempDir Path folder) throws IOException {
        Model model = SmallNetwork.model();
        Path file = folder.resolve("saved.onnx");
        Compression.saveChecked(model, file, Optional.empty());
        ModelSize.Saved saved = ModelSize.Saved.of(model);
        assertThat(saved.bytes()).isEqualTo(Files.size(file)).isEqualTo(ModelSize.bytes(model));
        assertThat(saved.hash()).isEqualTo(Fingerprint.ofFile(file));
        assertThat(ModelSize.Saved.of(model)).isSameAs(saved);
    }

    @Test
    void everyPartCounts() {
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
        assertThat(of(x)).hasSize(64).isEqualTo(of(x.copy()));
        assertThat(of(x)).isNotEqualTo(of(x.reshape(4)));
        assertThat(of(x)).isNotEqualTo(of(Tensor.of(new float[] {1, 2, 3, 5}, 2, 2)));
        assertThat(of(Tensor.of(new String[] {"a", "bc"}))).isNotEqualTo(of(Tensor.of(new String[] {"ab", "c"})));
        assertThat(of(Tensor.of(new int[] {1}))).isNotEqualTo(of(Tensor.of(new float[] {1})));
    }

    @Test
    void samplesAndModels() {
        Samples.Calls calls = SmallNetwork.samples().bind(SmallNetwork.model().inputs());
        Samples.Calls other = Samples.of(List.of(Map.of("x", Tensor.of(new float[8], 1, 8))))
                .bind(SmallNetwork.model().inputs());
        assertThat(new Fingerprint().add(calls).hex())
                .isEqualTo(new Fingerprint().add(calls).hex())
                .isNotEqualTo(new Fingerprint().add(other).hex());
        assertThat(new Fingerprint().add(SmallNetwork.model()).hex())
                .isEqualTo(new Fingerprint().add(SmallNetwork.model()).hex());
    }

    @Test
    void labelsOfAnEvaluationCount() {
        Samples one = Samples.of(List.of(Map.of("x", Tensor.of(new float[8], 1, 8))));
        assertThat(new Fingerprint()
                        .add(new Evaluation(SmallNetwork.model(), one, Metric.accuracy(Tensor.of(new long[] {1}))))
                        .hex())
                .isNotEqualTo(new Fingerprint()
                        .add(new Evaluation(SmallNetwork.model(), one, Metric.accuracy(Tensor.of(new long[] {2}))))
                        .hex());
    }
}
