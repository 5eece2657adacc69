package dev.tenon.samples.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.Metric;
import dev.tenon.compression.Samples;
import dev.tenon.compression.Score;
import dev.tenon.compression.Step;
import dev.tenon.compression.prune.Prune;
import dev.tenon.compression.prune.Saliency;
import dev.tenon.formats.npy.Npy;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.TestData;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What pruning costs on trained networks, judged on images that calibration has not seen. */
@Tag("models")
@Tag("exhaustive")
class PruningFiguresTest {
    private static Samples images(Path file, double mean, double deviation, double most) {
        Tensor bytes = Npy.read(file);
        List<Map<String, Tensor>> calls = new ArrayList<>();
        for (long i = 0; i < bytes.dim(0); i++) {
            Tensor raw = bytes.slice(i, i + 1);
            Tensor x = Tensor.allocate(DType.FLOAT32, raw.dims());
            for (long k = 0; k < x.size(); k++) {
                x.setDouble(k, ((float) raw.getLong(k) / (float) most - (float) mean) / (float) deviation);
            }
            calls.add(Map.of("input", x));
        }
        return Samples.of(calls);
    }

    private static Score score(Path folder, Step step) {
        boolean isMnist = folder.endsWith("mnist_cnn");
        double mean = isMnist ? 0.1307 : 0;
        double deviation = isMnist ? 0.3081 : 1;
        double most = isMnist ? 255 : 16;
        return Compressor.of(Model.load(folder.resolve("model.onnx")))
                .calibrate(images(folder.resolve("calib_x.npy"), mean, deviation, most))
                .evaluate(
                        images(folder.resolve("eval_x.npy"), mean, deviation, most),
                        Metric.accuracy(Npy.read(folder.resolve("eval_y.npy"))))
                .apply(step)
                .keepAccuracyWithin(Double.POSITIVE_INFINITY)
                .run((task, share, left) -> {})
                .report()
                .score()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"mnist_cnn", "digits_vit"})
    void masksMakeAtMostHalfOfTheDisagreementsOfMagnitude(String name) {
        Path folder = TestData.shared("models", "trained", name);
        assertThat(score(folder, Prune.unstructured(0.5)).disagreements())
                .isLessThanOrEqualTo(score(folder, Prune.unstructured(0.5).by(Saliency.MAGNITUDE))
                                .disagreements()
                        / 2);
        assertThat(score(folder, Prune.pattern(2, 4)).disagreements())
                .isLessThanOrEqualTo(score(folder, Prune.pattern(2, 4).by(Saliency.MAGNITUDE))
                                .disagreements()
                        / 2);
    }

    @Test
    void halfOfTheChannelsCostsHalfAPoint() {
        Path folder = TestData.shared("models", "trained", "mnist_cnn");
        assertThat(score(folder, Prune.structured(0.5)).loss()).isLessThanOrEqualTo(0.005);
    }

    @Test
    void aQuarterOfTheChannelsComesBack() {
        Path folder = TestData.shared("models", "trained", "digits_mobile");
        double with = score(folder, Prune.structured(0.25)).loss();
        double without =
                score(folder, Prune.structured(0.25).reconstruct(false)).loss();
        assertThat(with).isLessThanOrEqualTo(0.3 * without);
    }
}
