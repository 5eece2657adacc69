package dev.tenon.boosting;

import static org.assertj.core.api.Assertions.assertThat;

import ai.catboost.CatBoostModel;
import ai.catboost.CatBoostPredictions;
import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Exhaustive;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Random models in CatBoost's JSON, loaded by CatBoost itself and by Tenon, have the same bits. */
class CatboostOracleTest {
    private static final long SEED = 31;
    private static final int COLUMNS = CatboostFile.COLUMNS;

    private static final int MOST_TREES = 30;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"true, 1, RMSE", "true, 1, Logloss", "true, 3, MultiClass", "false, 1, Poisson", "false, 2, MultiRMSE"})
    void marginsAreThoseOfCatboost(boolean symmetric, int outputs, String loss) throws Exception {
        SplittableRandom random = new SplittableRandom(SEED);
        int models = Exhaustive.isOn() ? 200 : 4;
        for (int i = 0; i < models; i++) {
            CatboostFile file = new CatboostFile(random, outputs);
            byte[] json =
                    file.json(symmetric, loss, random.nextInt(1, MOST_TREES)).getBytes(StandardCharsets.UTF_8);
            float[][] rows = rows(random, file);
            Model model = Model.load(ByteBuffer.wrap(json));
            try (CatBoostModel oracle = CatBoostModel.loadModel(json, "json")) {
                CatBoostPredictions expected = oracle.predict(rows, new String[rows.length][0]);
                compare(model, rows, expected);
                if (i == 0) {
                    Path saved = folder.resolve("saved.onnx");
                    model.save(saved);
                    compare(Model.load(saved), rows, expected);
                }
            }
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
                if (found != wanted) {
                    assertThat(found)
                            .as("output %d of row %s (seed %d)", k, Arrays.toString(rows[r]), SEED)
                            .isEqualTo(wanted);
                }
            }
        }
    }

    /** Random rows, and rows at every border and beside it. */
    private static float[][] rows(SplittableRandom random, CatboostFile file) {
        List<float[]> rows = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            rows.add(row(random));
        }
        for (int c = 0; c < COLUMNS; c++) {
            List<Float> special = new ArrayList<>(List.of(
                    Float.NaN,
                    0f,
                    -0f,
                    Float.POSITIVE_INFINITY,
                    Float.NEGATIVE_INFINITY,
                    Float.MAX_VALUE,
                    Float.MIN_VALUE));
            for (float border : file.borders[c]) {
                special.addAll(List.of(border, Math.nextUp(border), Math.nextDown(border)));
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
        String json = new CatboostFile(new SplittableRandom(SEED), 3).json(true, "MultiClass", 5);
        Model model = Model.load(ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8)));
        Outputs out = model.predict(Map.of("features", Tensor.of(new float[COLUMNS], 1, COLUMNS)));
        double[] p = out.tensor("prediction").toDoubleArray();
        double[] m = out.tensor("margin").toDoubleArray();
        double sum = Arrays.stream(m).map(Math::exp).sum();
        for (int k = 0; k < p.length; k++) {
            assertThat(Math.abs(p[k] - Math.exp(m[k]) / sum)).isLessThanOrEqualTo(8 * Math.ulp(1.0));
        }
    }
}
