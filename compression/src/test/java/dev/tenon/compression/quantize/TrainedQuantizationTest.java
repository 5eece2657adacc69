package dev.tenon.compression.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.compression.Compression;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.Metric;
import dev.tenon.compression.Progress;
import dev.tenon.compression.Samples;
import dev.tenon.compression.Score;
import dev.tenon.formats.npy.Npy;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Value;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.TestData;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What INT8 costs small trained networks. */
@Tag("vector")
class TrainedQuantizationTest {
    private static final int BATCH = 128;
    private static final int CALIBRATION = 128;
    private static final int EVALUATION = 500;

    /** The first images of a file. */
    private static Samples images(Path file, long count, double mean, double deviation, double most) {
        Tensor bytes = Npy.read(file).slice(0, count);
        Tensor x = Tensor.allocate(DType.FLOAT32, bytes.dims());
        for (long i = 0; i < x.size(); i++) {
            x.setDouble(i, ((float) bytes.getLong(i) / (float) most - (float) mean) / (float) deviation);
        }
        return inputs -> new Samples.Calls() {
            @Override
            public long samples() {
                return x.dim(0);
            }

            @Override
            public void forEach(Consumer<Samples.Call> action) {
                for (long from = 0; from < x.dim(0); from += BATCH) {
                    long to = Math.min(x.dim(0), from + BATCH);
                    action.accept(
                            new Samples.Call(Map.of("input", x.slice(from, to).copy()), to - from));
                }
            }
        };
    }

    private static long bytes(Graph graph) {
        long bytes = 0;
        for (Value v : graph.constants()) {
            bytes += v.constant().byteSize();
        }
        return bytes;
    }

    @ParameterizedTest
    @CsvSource({
        "mnist_cnn, 0.1307, 0.3081, 255, 0.28, 1",
        "digits_vit, 0, 1, 16, 0.33, 1",
        "digits_mobile, 0, 1, 16, 0.33, 1"
    })
    void int8KeepsTheAccuracy(String name, double mean, double deviation, double most, double size, int lost) {
        Path folder = TestData.shared("models", "trained", name);
        Model model = Model.load(folder.resolve("model.onnx"));
        Compression result = Compressor.of(model)
                .calibrate(images(folder.resolve("calib_x.npy"), CALIBRATION, mean, deviation, most))
                .evaluate(
                        images(folder.resolve("eval_x.npy"), EVALUATION, mean, deviation, most),
                        Metric.accuracy(Npy.read(folder.resolve("eval_y.npy"))
                                .slice(0, EVALUATION)
                                .copy()))
                .apply(Quantize.int8())
                .run(Progress.ignored());
        Score score = result.report().score().orElseThrow();
        boolean isLarge = result.report().sizeBytes().before() > 500_000;
        double ratio = isLarge
                ? result.report().sizeBytes().ratio()
                : (double) bytes(result.model().graph()) / bytes(model.graph());
        assertThat(ratio).isLessThanOrEqualTo(size);
        assertThat((score.before() - score.after()) * score.samples()).isLessThanOrEqualTo(lost + 1e-6);
        assertThat(score.disagreements()).isLessThanOrEqualTo(lost);
        assertThat(result.report().layers()).noneMatch(layer -> layer.kept());
    }
}
