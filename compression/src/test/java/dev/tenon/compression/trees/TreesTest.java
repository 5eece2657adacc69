package dev.tenon.compression.trees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.compression.Compression;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.Metric;
import dev.tenon.compression.ModelSize;
import dev.tenon.compression.Progress;
import dev.tenon.compression.RowsOfTensor;
import dev.tenon.formats.npy.Npy;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.math.Relu;
import dev.tenon.op.tabular.TreeEnsemble;
import dev.tenon.op.tabular.TreeEnsembleClassifier;
import dev.tenon.op.tabular.TreeEnsembleRegressor;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.TestData;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TreesTest {
    private static final String[] TRANSFORMS = {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO"};

    private static Compression merged(Model model) {
        return Compressor.of(model).apply(Trees.merge()).run(Progress.ignored());
    }

    /** All outputs have the same bits, in Tenon and in ONNX Runtime. */
    private static void same(Model before, Model after, Tensor x) throws OrtException {
        String input = before.inputs().getFirst().name();
        Outputs expected = before.predict(Map.of(input, x));
        Outputs found = after.predict(Map.of(input, x));
        before.outputs()
                .forEach(o -> assertThat(found.tensor(o.name()).contentEquals(expected.tensor(o.name())))
                        .as("%s of %s", o.name(), before)
                        .isTrue());
        for (boolean optimize : new boolean[] {false, true}) {
            assertThat(OnnxRuntimeRun.outputs(after, x, optimize))
                    .as("ONNX Runtime")
                    .isEqualTo(OnnxRuntimeRun.outputs(before, x, optimize));
        }
    }

    private static void mergesExactly(Op op, RandomForest forest) throws OrtException {
        Model before = RandomForest.model(op);
        Model after = merged(before).model();
        assertThat(ModelSize.bytes(after)).isLessThan(ModelSize.bytes(before));
        same(before, after, forest.rows(300));
    }

    private static Attributes labelled(Attributes a, int classes, int seed) {
        long[] labels = new long[classes];
        for (int k = 0; k < classes; k++) {
            labels[k] = 10L * k;
        }
        return a.with("classlabels_int64s", labels).with("post_transform", TRANSFORMS[seed % TRANSFORMS.length]);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void mergingChangesNoBitOfAClassifier(int seed) throws OrtException {
        int classes = 2 + seed % 3;
        RandomForest forest = new RandomForest(new Random(seed));
        Attributes a = forest.older("class", 1 + seed * 3, 6, classes, seed % 2 == 0);
        if (seed == 5) {
            a = a.with("base_values", new float[] {0.5f, -0.25f, 0.125f, 1}).with("post_transform", "NONE");
        }
        mergesExactly(TreeEnsembleClassifier.of(labelled(a, seed == 5 ? 4 : classes, seed)), forest);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void mergingChangesNoBitOfARegressor(int seed) throws OrtException {
        int targets = 1 + seed % 3;
        RandomForest forest = new RandomForest(new Random(seed));
        Attributes a = forest.older("target", 1 + seed * 3, 6, targets, seed % 2 == 0)
                .with("n_targets", (long) targets)
                .with(
                        "aggregate_function",
                        List.of("SUM", "AVERAGE", "MIN", "MAX").get(seed % 4));
        if (seed >= 4) {
            a = a.with("base_values", new float[targets]);
        }
        mergesExactly(TreeEnsembleRegressor.of(a), forest);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void treesOfTheNewerOperatorShareNodes(int seed) throws OrtException {
        RandomForest forest = new RandomForest(new Random(seed));
        mergesExactly(TreeEnsemble.of(forest.newer(1 + seed * 5, 5, 1 + seed % 2)), forest);
    }

    /** A tree whose tests all lead to the same weight. */
    @Test
    void aTestThatDecidesNothingGoes() throws OrtException {
        Attributes a = Attributes.none()
                .with("nodes_treeids", new long[] {0, 0, 0, 0, 0})
                .with("nodes_nodeids", new long[] {0, 1, 2, 3, 4})
                .with("nodes_featureids", new long[] {0, 1, 0, 0, 0})
                .with("nodes_modes", List.of("BRANCH_LEQ", "BRANCH_LEQ", "LEAF", "LEAF", "LEAF"))
                .with("nodes_values", new float[] {1, 2, 0, 0, 0})
                .with("nodes_truenodeids", new long[] {1, 3, 0, 0, 0})
                .with("nodes_falsenodeids", new long[] {2, 4, 0, 0, 0})
                .with("target_treeids", new long[] {0, 0, 0})
                .with("target_nodeids", new long[] {2, 3, 4})
                .with("target_ids", new long[] {0, 0, 0})
                .with("target_weights", new float[] {7, 8, 8})
                .with("n_targets", 1L);
        Model before = RandomForest.model(TreeEnsembleRegressor.of(a));
        Compression after = merged(before);
        assertThat(after.report().layers())
                .singleElement()
                .extracting(LayerReport::reason)
                .asString()
                .isEqualTo("1 of 1 trees, 3 of 5 nodes, 2 of 3 weights");
        same(before, after.model(), new RandomForest(new Random(1)).rows(50));
    }

    @Test
    void aModelWithoutTreesIsRefused() {
        Model model = RandomForest.model(new Relu());
        assertThatThrownBy(() -> merged(model))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("no trees");
    }

    @Test
    void mergingAForestMakesItSmall() throws OrtException {
        Path folder = TestData.shared("models", "trained", "digits_rf100");
        Model before = Model.load(folder.resolve("model.onnx"));
        Compression after = merged(before);
        assertThat(after.report().sizeBytes().ratio()).isLessThan(0.8);
        same(before, after.model(), Npy.read(folder.resolve("eval_x.npy")));
    }

    @Test
    void mergingBoostedTreesChangesNoBit() throws OrtException {
        Path folder = TestData.shared("models", "trained", "xgb_1000x8");
        Model before = Model.load(folder.resolve("model.onnx"));
        Compression after = merged(before);
        assertThat(after.report().sizeBytes().after()).isLessThan(ModelSize.bytes(before));
        same(before, after.model(), Npy.read(folder.resolve("eval_x.npy")).slice(0, 100));
    }

    /** Half of the rows rank the trees, the other half judge. */
    private static Compression dropped(Path folder, double floor, int rows) throws OrtException {
        Model before = Model.load(folder.resolve("model.onnx"));
        Tensor x = Npy.read(folder.resolve("eval_x.npy"));
        Tensor y = Npy.read(folder.resolve("eval_y.npy"));
        String input = before.inputs().getFirst().name();
        RowsOfTensor known = new RowsOfTensor(input, x.slice(0, rows), 100);
        RowsOfTensor others = new RowsOfTensor(input, x.slice(rows, 2L * rows), 100);
        Metric metric = Metric.accuracy(y.slice(rows, 2L * rows));
        Compression result = Compressor.of(before)
                .calibrate(known)
                .evaluate(others, metric)
                .apply(Trees.drop(floor, others, metric))
                .keepAccuracyWithin(floor)
                .run(Progress.ignored());
        for (boolean optimize : new boolean[] {false, true}) {
            List<Number> found = OnnxRuntimeRun.outputs(result.model(), x.slice(0, 200), optimize);
            Outputs expected = result.model().predict(Map.of(input, x.slice(0, 200)));
            Tensor labels = expected.tensor(before.outputs().getFirst().name());
            for (int i = 0; i < 200; i++) {
                assertThat(found.get(i).longValue()).isEqualTo(labels.getLong(i));
            }
        }
        return result;
    }

    @Test
    void droppingTreesOfAForestKeepsTheFloor() throws OrtException {
        Path folder = TestData.shared("models", "trained", "digits_rf100");
        Compression result = dropped(folder, 0.005, 270);
        assertThat(result.report().isFloorMet()).isTrue();
        assertThat(result.report().sizeBytes().ratio()).isLessThan(0.5);
    }

    /** Trees are ranked by the rows that judge, if there are no others. */
    @Test
    void droppingNeedsNoRowsForCalibration() {
        Path folder = TestData.shared("models", "trained", "digits_rf100");
        Model before = Model.load(folder.resolve("model.onnx"));
        RowsOfTensor rows =
                new RowsOfTensor(before.inputs().getFirst().name(), Npy.read(folder.resolve("eval_x.npy")), 100);
        Metric metric = Metric.accuracy(Npy.read(folder.resolve("eval_y.npy")));
        Compression result = Compressor.of(before)
                .evaluate(rows, metric)
                .apply(Trees.drop(0.005, rows, metric))
                .keepAccuracyWithin(0.005)
                .run(Progress.ignored());
        assertThat(result.report().isFloorMet()).isTrue();
        assertThat(result.report().sizeBytes().ratio()).isLessThan(0.45);
    }
}
