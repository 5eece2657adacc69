package dev.tenon.samples.tabular;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.formats.npy.Npy;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestReporter;

/**
 * Trained models of tables against what ONNX Runtime makes of them, stored beside them: all rows at once, and the first
 * ones one by one and a few at a time, which other loops compute.
 */
@Tag("tiers")
class TrainedModelsTest {
    // Relative to the largest value of an output. What the peer's float sums leave undecided.
    private static final double LINEAR = 1e-6;
    private static final double VECTORS = 4e-6;
    private static final double TREES = 1.3e-6;
    private static final double FOREST = 6e-6;
    private static final double NETWORK = 1e-5;

    private static final int ROWS_ALONE = 20;
    private static final int FEW_ROWS = 13;
    private static final Pattern STRING = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");

    /** A line of the table: the model's folder and file, how far it may be off, and its outputs that are stored. */
    private record Trained(String folder, String file, double tolerance, List<String> outputs) {
        static Trained of(String folder, double tolerance, String... outputs) {
            return new Trained(folder, "model.onnx", tolerance, List.of(outputs));
        }

        static Trained variant(String folder, String file, double tolerance, String... outputs) {
            return new Trained(folder, file + ".onnx", tolerance, List.of(outputs));
        }

        /** Where an output is stored, without the ending. */
        Path expected(String output) {
            String stem = file.equals("model.onnx") ? "" : file.replace(".onnx", "") + "_";
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
            Trained.of("iris_logreg", LINEAR, "label"),
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
            Trained.of("breast_cancer_xgb", TREES, "label"),
            Trained.of("wine_xgb", TREES, "label", "probabilities"),
            Trained.variant("wine_xgb", "model_ml5", TREES, "probabilities"),
            Trained.of("diabetes_xgb", TREES, "variable"),
            Trained.of("xgb_1000x8", TREES, "label", "probabilities"),
            Trained.of("digits_knn", LINEAR, "label", "probabilities"),
            Trained.of("iris_kmeans", NETWORK, "label", "distances"),
            Trained.of("iris_gnb", NETWORK, "label", "probabilities"));

    private static Path models() {
        return Path.of(System.getProperty("tenon.shared", ""), "models", "trained");
    }

    private static boolean present() {
        return !System.getProperty("tenon.shared", "").isEmpty() && Files.isDirectory(models());
    }

    @Test
    void modelsAreThere(TestReporter reporter) {
        if (!present()) {
            reporter.publishEntry("not run", "no trained models: set -Dtenon.shared");
            assertThat(Boolean.getBoolean("tenon.ci"))
                    .as("-Dtenon.ci demands the trained models")
                    .isFalse();
        }
    }

    @TestFactory
    Stream<DynamicTest> agreeWithThePeer() {
        return present()
                ? MODELS.stream().map(m -> DynamicTest.dynamicTest(m.toString(), () -> check(m)))
                : Stream.of();
    }

    private static void check(Trained model) throws IOException {
        Path folder = models().resolve(model.folder);
        Model loaded = Model.load(folder.resolve(model.file));
        Session session = loaded.session();
        String input = loaded.inputs().getFirst().name();
        Tensor x = Npy.read(folder.resolve("eval_x.npy"));
        if (model.file.contains("double")) {
            x = Tensor.convert(DType.FLOAT64, x.toDoubleArray(), x.dims());
        }
        List<Tensor> expected = new ArrayList<>();
        for (String output : model.outputs) {
            expected.add(stored(model.expected(output)));
        }
        compare(model, session.predict(Map.of(input, x)), expected, 0, x.dim(0));
        for (long r = 0; r < Math.min(ROWS_ALONE, x.dim(0)); r++) {
            compare(model, session.predict(Map.of(input, x.slice(r, r + 1))), expected, r, r + 1);
        }
        compare(model, session.predict(Map.of(input, x.slice(1, 1 + FEW_ROWS))), expected, 1, 1 + FEW_ROWS);
    }

    private static Tensor stored(Path stem) throws IOException {
        Path numbers = stem.resolveSibling(stem.getFileName() + ".npy");
        if (Files.exists(numbers)) {
            return Npy.read(numbers);
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
            same(what, actual.tensor(model.outputs.get(i)), expected.get(i), model.tolerance, from, to);
        }
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
