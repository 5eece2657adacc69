package dev.tenon.samples.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.ValueInfo;
import dev.tenon.compression.Compression;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.Metric;
import dev.tenon.compression.Progress;
import dev.tenon.compression.Samples;
import dev.tenon.compression.Score;
import dev.tenon.compression.trees.Trees;
import dev.tenon.formats.npy.Npy;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.TestData;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/** Trees are dropped on half of the rows, and judged on the other half. */
@Tag("exhaustive")
class DroppedTreesTest {
    private static final double FLOOR = 0.005;
    private static final int ROWS_OF_CALL = 500;

    /** Rows of a table. */
    private record Rows(String input, Tensor x) implements Samples, Samples.Calls {
        @Override
        public Calls bind(List<ValueInfo> inputs) {
            return this;
        }

        @Override
        public long samples() {
            return x.dim(0);
        }

        @Override
        public void forEach(Consumer<Call> action) {
            for (long from = 0; from < x.dim(0); from += ROWS_OF_CALL) {
                long to = Math.min(x.dim(0), from + ROWS_OF_CALL);
                action.accept(new Call(Map.of(input, x.slice(from, to)), to - from));
            }
        }
    }

    private static void check(TestReporter reporter, String name, double ratio) {
        Path folder = TestData.shared("models", "trained", name);
        Model model = Model.load(folder.resolve("model.onnx"));
        String input = model.inputs().getFirst().name();
        Tensor x = Npy.read(folder.resolve("eval_x.npy"));
        Tensor y = Npy.read(folder.resolve("eval_y.npy"));
        long half = x.dim(0) / 2;
        Rows judged = new Rows(input, x.slice(half, x.dim(0)));
        Metric metric = Metric.accuracy(y.slice(half, x.dim(0)));
        Compression result = Compressor.of(model)
                .calibrate(new Rows(input, x.slice(0, half)))
                .evaluate(judged, metric)
                .apply(Trees.drop(FLOOR, judged, metric))
                .keepAccuracyWithin(FLOOR)
                .run(Progress.ignored());
        Score score = result.report().score().orElseThrow();
        reporter.publishEntry(Map.of(
                name,
                result.report().layers().getFirst().reason() + ", size "
                        + result.report().sizeBytes().ratio() + ", " + score));
        assertThat(score.loss()).isLessThanOrEqualTo(FLOOR);
        assertThat(result.report().sizeBytes().ratio()).isLessThan(ratio);
    }

    @Test
    void boostedTrees(TestReporter reporter) {
        check(reporter, "xgb_1000x8", 0.5);
    }

    @Test
    void aRandomForest(TestReporter reporter) {
        check(reporter, "digits_rf100", 0.5);
    }
}
