package dev.tenon.compression.trees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtException;
import dev.tenon.Model;
import dev.tenon.compression.Compression;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.ModelSize;
import dev.tenon.compression.Progress;
import dev.tenon.compression.RowsOfTensor;
import dev.tenon.compression.SavedModel;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.distill.Distill;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.formats.npy.Npy;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.TestData;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Trees that learn what a model answers. */
class FewTreesTest {
    private static final Model STEP = model("""
            graph step(%x: f32[n,2]) {
              %limit = const f32[] {2.5}
              %first = const i64[1] {0}
              %low = const f32[] {-1}
              %high = const f32[] {3}
              %column: f32[n,1] = Gather<axis=1>(%x, %first)
              %is_low: bool[n,1] = Less(%column, %limit)
              %y: f32[n,1] = Where(%is_low, %low, %high)
              return %y
            }
            """);

    private static Model model(String text) {
        return Model.of(GraphText.parse(text, StandardOperators.set()));
    }

    private static Model learned(Model teacher, FewTrees step, Tensor rows) {
        return step.apply(teacher, context(teacher, rows));
    }

    private static StepContext context(Model teacher, Tensor rows) {
        return StepContext.of(
                new RowsOfTensor(teacher.inputs().getFirst().name(), rows, 100).bind(teacher.inputs()), 1);
    }

    private static Tensor random(int rows, int columns) {
        Random random = new Random(7);
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(6);
        }
        return Tensor.wrap(values, rows, columns);
    }

    /** One tree with one test between 2 and 3. Sums of gradients are divided by the rows and a penalty of 1. */
    @Test
    void aStepIsOneTest() {
        Tensor x = random(400, 2);
        Model tree = learned(STEP, FewTrees.of(1).learningRate(1), x);
        TreeTable table = TreeFormat.of(tree.graph().nodes().getFirst()).read();
        assertThat(table.tests).hasSize(1);
        assertThat(table.tests[0].feature()).isZero();
        assertThat(Double.longBitsToDouble(table.tests[0].value())).isEqualTo(2.5);
        Tensor some = Tensor.of(new float[] {2, 9, 3, 9, Float.NaN, 9}, 3, 2);
        double[] y = tree.predict(Map.of("x", some)).tensor("y").toDoubleArray();
        assertThat(y[0]).isCloseTo(-1, within(0.03));
        assertThat(y[1]).isCloseTo(3, within(0.03));
        // A comparison with NaN is false, in the model and in the tree.
        assertThat(y[2]).isEqualTo(y[1]);
    }

    @Test
    void moreTreesComeCloser() {
        Tensor x = random(400, 2);
        double before = Double.MAX_VALUE;
        for (int trees : new int[] {1, 4, 16, 40}) {
            Model model = learned(STEP, FewTrees.of(trees).learningRate(0.3), x);
            double error = Math.abs(model.predict(Map.of("x", Tensor.of(new float[] {0, 0}, 1, 2)))
                            .tensor("y")
                            .getDouble(0)
                    + 1);
            assertThat(error).isLessThan(before);
            before = error;
        }
        assertThat(before).isLessThan(1e-3);
    }

    /** Digits: ten classes, labels beside probabilities. */
    @Test
    void aForestBecomesFewTreesThatOnnxRuntimeRuns() throws OrtException {
        Path folder = TestData.shared("models", "trained", "digits_rf100");
        Model forest = Model.load(folder.resolve("model.onnx"));
        Tensor x = Npy.read(folder.resolve("eval_x.npy"));
        Tensor seen = x.slice(0, 400);
        Compression result = Compressor.of(forest)
                .calibrate(new RowsOfTensor(forest.inputs().getFirst().name(), seen, 100))
                .apply(Distill.intoTrees(10).leaves(32).learningRate(0.5))
                .run(Progress.ignored());
        assertThat(result.report().sizeBytes().ratio()).isLessThan(0.1);
        assertThat(result.model().outputs()).isEqualTo(forest.outputs());
        String input = forest.inputs().getFirst().name();
        String label = forest.outputs().getFirst().name();
        Tensor expected = forest.predict(Map.of(input, x)).tensor(label);
        Tensor found = result.model().predict(Map.of(input, x)).tensor(label);
        int same = 0;
        for (int i = 0; i < 400; i++) {
            same += expected.getLong(i) == found.getLong(i) ? 1 : 0;
        }
        assertThat(same).isGreaterThan(390);
        List<Number> others = OnnxRuntimeRun.outputs(result.model(), seen, false);
        Tensor probabilities = result.model().predict(Map.of(input, seen)).tensor("probabilities");
        for (int i = 0; i < 400; i++) {
            assertThat(others.get(i).longValue()).isEqualTo(found.getLong(i));
        }
        for (int i = 0; i < probabilities.size(); i++) {
            float other = Float.intBitsToFloat(others.get(400 + i).intValue());
            assertThat((double) other).isCloseTo(probabilities.getDouble(i), within(1e-6));
        }
        assertThat(SavedModel.bytes(learned(forest, FewTrees.of(2), seen)))
                .isEqualTo(SavedModel.bytes(learned(forest, FewTrees.of(2), seen)));
        assertThat(ModelSize.bytes(result.model())).isLessThan(ModelSize.bytes(forest));
    }

    @Test
    void modelsThatAreNoTablesAreRefused() {
        Model image = model("""
                graph image(%x: f32[n,3,4]) {
                  %y: f32[n,3,4] = Relu(%x)
                  return %y
                }
                """);
        assertThatThrownBy(() -> learned(image, FewTrees.of(1), Tensor.of(new float[24], 2, 3, 4)))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("float32[rows, columns]");
        Model flags = model("""
                graph flags(%x: f32[n,2]) {
                  %y: f32[n,2] = Relu(%x)
                  %z: bool[n,2] = IsNaN(%x)
                  return %y, %z
                }
                """);
        assertThatThrownBy(() -> learned(flags, FewTrees.of(1), random(20, 2)))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("labels of [rows]");
        Model roots = model("""
                graph roots(%x: f32[n,2]) {
                  %y: f32[n,2] = Sqrt(%x)
                  return %y
                }
                """);
        assertThatThrownBy(() -> learned(roots, FewTrees.of(1), Tensor.of(new float[] {-1, 4}, 1, 2)))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("finite");
        assertThatThrownBy(() -> learned(STEP, FewTrees.of(1), random(9, 2)))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("9 samples")
                .hasMessageContaining("10");
    }

    @Test
    void optionsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> FewTrees.of(0)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> FewTrees.of(1).depth(65)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> FewTrees.of(1).leaves(1)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> FewTrees.of(1).leastRows(0)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> FewTrees.of(1).learningRate(Double.NaN)).isInstanceOf(InvalidOptionException.class);
    }
}
