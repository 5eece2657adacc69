package dev.tenon.boosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.catboost.CatBoostModel;
import ai.catboost.CatBoostPredictions;
import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.graph.Node;
import dev.tenon.op.tabular.TreeEnsemble;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Models of CatBoost, which only its Python package trains. {@code src/test/resources/boosting/catboost.py} made the files: each
 * model as JSON for Tenon, and in its binary format for CatBoost.
 */
class CatboostOracleTest {
    private static final long SEED = 31;
    private static final int COLUMNS = 4;

    /** CatBoost adds the weights of some trees before it adds them to the others. */
    private static final int SUM_ULPS = 4;

    @TempDir
    private Path folder;

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = CatboostOracleTest.class.getResourceAsStream("/boosting/" + name)) {
            assertThat(in).as("resource %s", name).isNotNull();
            return in.readAllBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rmse", "logloss-nan-max", "logloss-nan-min", "multiclass", "poisson-depthwise", "multirmse"})
    void marginsAreThoseOfCatboost(String name) throws Exception {
        Model model = Model.load(ByteBuffer.wrap(resource("catboost-" + name + ".json")));
        float[][] rows = rows(model, name.contains("nan"));
        try (CatBoostModel oracle = CatBoostModel.loadModel(resource("catboost-" + name + ".cbm"))) {
            CatBoostPredictions expected = oracle.predict(rows, new String[0][]);
            compare(model, rows, expected);
            Path saved = folder.resolve("saved.onnx");
            model.save(saved);
            compare(Model.load(saved), rows, expected);
        }
    }

    private static void compare(Model model, float[][] rows, CatBoostPredictions expected) throws Exception {
        float[] cells = new float[rows.length * COLUMNS];
        for (int r = 0; r < rows.length; r++) {
            System.arraycopy(rows[r], 0, cells, r * COLUMNS, COLUMNS);
        }
        Outputs out = model.predict(Map.of("features", Tensor.of(cells, rows.length, COLUMNS)));
        Tensor margin = out.tensor(model.outputs().size() > 1 ? "margin" : "prediction");
        int outputs = expected.getPredictionDimension();
        assertThat(margin.dims()).containsExactly(rows.length, outputs);
        for (int r = 0; r < rows.length; r++) {
            for (int k = 0; k < outputs; k++) {
                double found = margin.getDouble((long) r * outputs + k);
                double wanted = expected.get(r, k);
                if (!(Math.abs(found - wanted) <= SUM_ULPS * Math.ulp(Math.max(1, Math.abs(wanted))))) {
                    assertThat(found)
                            .as("output %d of row %s (seed %d)", k, Arrays.toString(rows[r]), SEED)
                            .isEqualTo(wanted);
                }
            }
        }
    }

    /** Random rows, and rows at every border and beside it. */
    private static float[][] rows(Model model, boolean missing) {
        SplittableRandom random = new SplittableRandom(SEED);
        List<float[]> rows = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            rows.add(row(random));
        }
        for (Node node : model.graph().nodes()) {
            if (node.op() instanceof TreeEnsemble op) {
                Tensor splits = op.attributes().tensor("nodes_splits").orElseThrow();
                List<Long> features = op.attributes().integers("nodes_featureids", List.of());
                for (int i = 0; i < features.size(); i++) {
                    float border = (float) splits.getDouble(i);
                    for (float x : new float[] {border, Math.nextUp(border), Math.nextDown(border)}) {
                        float[] row = row(random);
                        row[features.get(i).intValue()] = x;
                        rows.add(row);
                    }
                }
            }
        }
        for (int c = 0; c < COLUMNS; c++) {
            List<Float> special = new ArrayList<>(
                    List.of(0f, -0f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MAX_VALUE, Float.MIN_VALUE));
            if (missing) {
                special.add(Float.NaN);
            }
            for (float x : special) {
                float[] row = row(random);
                row[c] = x;
                rows.add(row);
            }
        }
        return rows.toArray(float[][]::new);
    }

    private static float[] row(SplittableRandom random) {
        float[] row = new float[COLUMNS];
        for (int c = 0; c < COLUMNS; c++) {
            row[c] = (float) random.nextGaussian();
        }
        return row;
    }

    @Test
    void classesHaveProbabilities() throws Exception {
        Model model = Model.load(ByteBuffer.wrap(resource("catboost-multiclass.json")));
        Outputs out = model.predict(Map.of("features", Tensor.of(new float[COLUMNS], 1, COLUMNS)));
        double[] p = out.tensor("prediction").toDoubleArray();
        double[] m = out.tensor("margin").toDoubleArray();
        double sum = Arrays.stream(m).map(Math::exp).sum();
        for (int k = 0; k < p.length; k++) {
            assertThat(Math.abs(p[k] - Math.exp(m[k]) / sum)).isLessThanOrEqualTo(8 * Math.ulp(1.0));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"categorical.json", "rmse.cbm"})
    void otherModelsAreRefusedByName(String name) throws Exception {
        byte[] file = resource("catboost-" + name);
        assertThatExceptionOfType(UnsupportedModelException.class)
                .isThrownBy(() -> Model.load(ByteBuffer.wrap(file)))
                .withMessageMatching(".*(categorical|ctr|binary format).*");
    }
}
