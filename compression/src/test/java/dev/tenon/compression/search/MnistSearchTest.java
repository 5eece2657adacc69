package dev.tenon.compression.search;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.compression.Metric;
import dev.tenon.compression.Progress;
import dev.tenon.compression.RoundedWeights;
import dev.tenon.compression.RowsOfTensor;
import dev.tenon.compression.Trial;
import dev.tenon.formats.npy.Npy;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.TestData;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A search on a trained network. */
class MnistSearchTest {
    private static final int IMAGES = 200;

    /** The levels of the option that is too coarse for some layers. */
    private static final int COARSE = 2;

    /** Images as the model takes them. */
    private static Tensor normalised(Tensor raw) {
        float[] x = raw.toFloatArray();
        for (int i = 0; i < x.length; i++) {
            x[i] = (x[i] / 255 - 0.1307f) / 0.3081f;
        }
        return Tensor.of(x, raw.dims());
    }

    @Test
    void theFloorIsMetAndNoSingleOptionIsAboveTheFront() {
        Path folder = TestData.shared("models", "trained", "mnist_cnn");
        Model model = Model.load(folder.resolve("model.onnx"));
        Tensor x = normalised(Npy.read(folder.resolve("eval_x.npy")).slice(0, IMAGES));
        Tensor y = Npy.read(folder.resolve("eval_y.npy")).slice(0, IMAGES);
        SearchResult result = Search.of(model)
                .evaluate(new RowsOfTensor("input", x, 50), Metric.accuracy(y))
                .option("eight", layers -> new RoundedWeights("eight", 127, layers))
                .option("four", layers -> new RoundedWeights("four", COARSE, layers))
                .keepAccuracyWithin(0.005)
                .run(Progress.ignored());
        assertThat(result.isBetter()).isTrue();
        assertThat(result.compression().report().score().orElseThrow().isWithin(0.005))
                .isTrue();
        assertThat(result.compression().report().sizeBytes().ratio()).isLessThan(0.255);
        assertThat(result.best().options()).containsValue("four");
        for (String option : new String[] {"eight=*", "four=*"}) {
            Trial whole = result.trials().stream()
                    .filter(t -> t.name().equals(option))
                    .findFirst()
                    .orElseThrow();
            assertThat(result.front())
                    .as(option)
                    .anyMatch(p -> p.sizeBytes() <= whole.sizeBytes() && p.loss() <= whole.loss());
        }
    }
}
