package dev.tenon.samples.tabular;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.formats.npy.Npy;
import dev.tenon.samples.models.SteadyRounds;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.MapDatum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Trained models of tables give the stored results of ONNX Runtime: for all rows in one call, and for the first rows
 * one by one and a few at a time, which other loops compute. Then calls with several numbers of rows are repeated; they
 * must give the same bits and take no more memory.
 */
@Tag("tiers")
@Tag("costly")
class TrainedModelsTest {
    // Relative to the largest value of an output. ONNX Runtime computes sums in float, so its results are not more
    // exact.
    private static final double LINEAR = 1e-6;
    private static final double VECTORS = 4e-6;
    private static final double TREES = 1.3e-6;
    private static final double FOREST = 6e-6;
    private static final double NETWORK = 1e-5;

    private static final int ROWS_ALONE = 20;
    private static final int FEW_ROWS = 13;
    private static final Pattern STRING = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");

    /** A trained model: its folder and file, the largest relative error, and the outputs with stored results. */
    private record Trained(String folder, String file, String stem, double tolerance, List<String> outputs) {
        static Trained of(String folder, double tolerance, String... outputs) {
            return new Trained(folder, "model.onnx", "", tolerance, List.of(outputs));
        }

        static Trained variant(String folder, String file, double tolerance, String... outputs) {
            return new Trained(folder, file + ".onnx", file + "_", tolerance, List.of(outputs));
        }

        /** Another file with the trees of the model of a folder. Its results are those of that model. */
        static Trained sameTrees(String folder, String file, double tolerance, String... outputs) {
            return new Trained(folder, file + ".onnx", "", tolerance, List.of(outputs));
        }

        /** The path of the stored results of an output, without the file extension. */
        Path expected(String output) {
            return models().resolve(folder).resolve("expected_" + stem + output);
        }

        @Override
        public String toString() {
            return folder + "/" + file;
        }
    }

    private static final List<Trained> MODELS = List.of(
            Trained.of("digits_norm_logreg", LINEAR, "label", "probabilities"),
            Trained.of("breast_cancer_linear_svc", LINEAR, "label", "probabilities"),
            Trained.of("diabetes_ridge", LINEAR, "variable"),
            Trained.of("iris_logreg", LINEAR, "label", "probabilities"),
            Trained.of("wine_svc_rbf", VECTORS, "label", "probabilities"),
            Trained.of("breast_cancer_svc_poly", VECTORS, "label", "probabilities"),
            Trained.of("diabetes_svr", VECTORS, "variable"),
            Trained.of("digits_rf100", TREES, "label", "probabilities"),
            Trained.of("synth_rf500", FOREST, "label", "probabilities"),
            Trained.of("diabetes_gbr", TREES, "variable"),
            Trained.variant("diabetes_gbr", "model_double", TREES, "variable"),
            Trained.of("synth_hgb", TREES, "label", "probabilities"),
            Trained.of("diabetes_tree_ml5", TREES, "variable"),
            Trained.variant("diabetes_tree_ml5", "model_double", TREES, "variable"),
            Trained.of("breast_cancer_xgb", TREES, "label", "probabilities"),
            // ONNX Runtime computes it wrongly if both branches of a node name the same leaf.
            Trained.sameTrees("breast_cancer_xgb", "model_ml5", TREES, "probabilities"),
            Trained.of("wine_xgb", TREES, "label", "probabilities"),
            Trained.variant("wine_xgb", "model_ml5", TREES, "probabilities"),
            Trained.of("diabetes_xgb", TREES, "variable"),
            Trained.of("xgb_1000x8", TREES, "label", "probabilities"),
            Trained.of("digits_knn", LINEAR, "label", "probabilities"),
            Trained.of("iris_kmeans", NETWORK, "label", "distances"),
            Trained.of("iris_gnb", NETWORK, "label", "probabilities"));

    /** The models that are made of products, distances and element-wise operators. */
    private static final Set<String> MATRIX_PRODUCTS = Set.of("digits_knn", "iris_kmeans", "iris_gnb");

    private static Path models() {
        return Path.of(System.getProperty("tenon.shared", ""), "models", "trained");
    }

    @TestFactory
    Stream<DynamicTest> agreeWithOnnxRuntime() {
        TestData.shared("models", "trained");
        return MODELS.stream()
                .filter(TrainedModelsTest::runsHere)
                .map(m -> DynamicTest.dynamicTest(m.toString(), () -> check(m)));
    }

    /**
     * Trees, linear models and support vector machines have scalar kernels only, so that one tier shows what they do.
     */
    private static boolean runsHere(Trained model) {
        return Exhaustive.isFirstTier() || MATRIX_PRODUCTS.contains(model.folder);
    }

    private static void check(Trained model) throws IOException, InterruptedException {
        Path folder = models().resolve(model.folder);
        Model loaded = Model.load(folder.resolve(model.file));
        String input = loaded.inputs().getFirst().name();
        Tensor x = Npy.read(folder.resolve("eval_x.npy"));
        if (model.file.contains("double")) {
            x = Tensor.convert(DType.FLOAT64, x.toDoubleArray(), x.dims());
        }
        List<Tensor> expected = new ArrayList<>();
        for (String output : model.outputs) {
            expected.add(stored(model.expected(output)));
        }
        Session session = loaded.session(SessionOptions.standard().threads(1));
        compare(model, session.predict(Map.of(input, x)), expected, 0, x.dim(0));
        for (long r = 0; r < Math.min(ROWS_ALONE, x.dim(0)); r++) {
            compare(model, session.predict(Map.of(input, x.slice(r, r + 1))), expected, r, r + 1);
        }
        compare(model, session.predict(Map.of(input, x.slice(1, 1 + FEW_ROWS))), expected, 1, 1 + FEW_ROWS);
        List<Map<String, Tensor>> inputs = new ArrayList<>();
        for (long rows : new long[] {1, 2, FEW_ROWS, Math.min(64, x.dim(0)), x.dim(0)}) {
            inputs.add(Map.of(input, x.slice(0, rows)));
            compare(model, session.predict(inputs.getLast()), expected, 0, rows);
        }
        SteadyRounds.check(model.toString(), session, inputs);
    }

    private static Tensor stored(Path stem) throws IOException {
        for (String ending : List.of(".npy", "_matrix.npy")) {
            Path numbers = stem.resolveSibling(stem.getFileName() + ending);
            if (Files.exists(numbers)) {
                return Npy.read(numbers);
            }
        }
        List<String> strings = new ArrayList<>();
        Matcher m = STRING.matcher(Files.readString(stem.resolveSibling(stem.getFileName() + ".json")));
        while (m.find()) {
            strings.add(m.group(1));
        }
        return Tensor.of(strings.toArray(String[]::new), strings.size());
    }

    private static void compare(Trained model, Outputs actual, List<Tensor> expected, long from, long to) {
        for (int i = 0; i < expected.size(); i++) {
            String what = model + " " + model.outputs.get(i) + ", rows " + from + " to " + to;
            Tensor found = actual.get(model.outputs.get(i)) instanceof TensorSequence maps
                    ? table(maps)
                    : actual.tensor(model.outputs.get(i));
            same(what, found, expected.get(i), model.tolerance, from, to);
        }
    }

    /** The values of a sequence of maps, one row for each map, in the order of the keys. */
    private static Tensor table(TensorSequence maps) {
        int columns = ((MapDatum) maps.get(0)).asMap().size();
        Tensor t = Tensor.allocate(DType.FLOAT32, maps.size(), columns);
        for (int r = 0; r < maps.size(); r++) {
            int c = 0;
            for (Datum value : ((MapDatum) maps.get(r)).asMap().values()) {
                t.setDouble((long) r * columns + c++, ((Tensor) value).getDouble(0));
            }
        }
        return t;
    }

    private static void same(String what, Tensor actual, Tensor all, double tolerance, long from, long to) {
        Tensor expected = all.slice(from, to);
        assertThat(actual.size()).as(what).isEqualTo(expected.size());
        if (expected.dtype() == DType.STRING) {
            assertThat(actual.toStringArray()).as(what).isEqualTo(expected.toStringArray());
        } else if (expected.dtype().isInteger()) {
            assertThat(actual.toLongArray()).as(what).isEqualTo(expected.toLongArray());
        } else {
            double[] numbers = expected.toDoubleArray();
            double largest = 0;
            for (double v : all.toDoubleArray()) {
                largest = Math.max(largest, Math.abs(v));
            }
            for (int i = 0; i < numbers.length; i++) {
                assertThat(Math.abs(actual.getDouble(i) - numbers[i]))
                        .as(what + ", element " + i + ": " + actual.getDouble(i) + " instead of " + numbers[i])
                        .isLessThanOrEqualTo(tolerance * largest);
            }
        }
    }
}
