package dev.tenon.boosting;

import static org.assertj.core.api.Assertions.assertThat;

import ai.catboost.CatBoostModel;
import ai.catboost.CatBoostPredictions;
import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.graph.GraphText;
import dev.tenon.table.TableInput;
import dev.tenon.table.TableInput.UnknownCategory;
import dev.tenon.table.TableRows;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Exhaustive;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Random models in CatBoost's binary format, loaded by CatBoost itself and by Tenon, have the same bits; so have they as JSON. */
class CatboostBinaryTest {
    private static final long SEED = 20261202;
    private static final int ROWS = 200;
    private static final List<String> LOSSES = List.of("RMSE", "Logloss", "Poisson");

    @Test
    void marginsAreThoseOfCatboost() throws Exception {
        int models = Exhaustive.isOn() ? 1000 : 100;
        for (int i = 0; i < models; i++) {
            SplittableRandom random = new SplittableRandom(SEED + i);
            int outputs = i % 3 == 0 ? 3 : 1;
            int categorical = i / 2 % 4;
            int numeric = categorical == 3 ? 0 : random.nextInt(1, 5);
            String loss = outputs == 3 ? "MultiClass" : LOSSES.get(i % LOSSES.size());
            check(new CatboostBinaryFile(random, i % 2 == 0, outputs, numeric, categorical, loss), random, i);
        }
    }

    /** Rows of objects, in which categories are texts. */
    private static void checkTexts(Model model, CatBoostModel oracle, CatboostBinaryFile file, SplittableRandom random)
            throws Exception {
        TableInput table = TableInput.of(model).unknownCategories(UnknownCategory.MISSING);
        int numeric = file.borders.length;
        float[][] numbers = new float[ROWS][numeric];
        String[][] texts = new String[ROWS][file.texts.length];
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int r = 0; r < ROWS; r++) {
            Map<String, Object> row = new HashMap<>();
            for (int c = 0; c < table.columns().size(); c++) {
                if (c < numeric) {
                    numbers[r][c] = number(file.borders[c], random);
                    row.put(table.columns().get(c), numbers[r][c]);
                } else {
                    String[] known = file.texts[c - numeric];
                    texts[r][c - numeric] = random.nextInt(4) == 0
                            ? CatboostBinaryFile.text(random)
                            : known[random.nextInt(known.length)];
                    row.put(table.columns().get(c), texts[r][c - numeric]);
                }
            }
            rows.add(row);
        }
        Outputs out = model.predict(table.read(TableRows.ofMaps(rows, table.columns())));
        double[] found =
                out.tensor(model.outputs().size() > 1 ? "margin" : "prediction").toDoubleArray();
        CatBoostPredictions expected = oracle.predict(numbers, texts);
        int outputs = expected.getPredictionDimension();
        for (int j = 0; j < found.length; j++) {
            assertThat(found[j]).as("output %d of texts", j).isEqualTo(expected.get(j / outputs, j % outputs));
        }
    }

    private static void check(CatboostBinaryFile file, SplittableRandom random, int i) throws Exception {
        int numeric = file.borders.length;
        int columns = numeric + file.hashes.length;
        float[][] numbers = new float[ROWS][numeric];
        int[][] hashes = new int[ROWS][columns - numeric];
        float[] cells = new float[ROWS * columns];
        for (int r = 0; r < ROWS; r++) {
            for (int c = 0; c < columns; c++) {
                if (c < numeric) {
                    numbers[r][c] = number(file.borders[c], random);
                    cells[r * columns + c] = numbers[r][c];
                } else {
                    int[] known = file.hashes[c - numeric];
                    int category = random.nextInt(-1, known.length);
                    hashes[r][c - numeric] = category < 0 ? random.nextInt() : known[category];
                    cells[r * columns + c] = category >= 0 ? category : random.nextBoolean() ? Float.NaN : known.length;
                }
            }
        }
        Model model = Model.load(ByteBuffer.wrap(file.bytes()));
        Model json = Model.load(ByteBuffer.wrap(file.json().getBytes(StandardCharsets.UTF_8)));
        assertThat(GraphText.print(model.graph()))
                .as("the graph of JSON, model %d of seed %d", i, SEED)
                .isEqualTo(GraphText.print(json.graph()));
        assertThat(model.metadata()).isEqualTo(json.metadata());
        Outputs out = model.predict(Map.of("features", Tensor.of(cells, ROWS, columns)));
        double[] found =
                out.tensor(model.outputs().size() > 1 ? "margin" : "prediction").toDoubleArray();
        Outputs ofJson = json.predict(Map.of("features", Tensor.of(cells, ROWS, columns)));
        assertThat(ofJson.tensor(model.outputs().size() > 1 ? "margin" : "prediction")
                        .toDoubleArray())
                .isEqualTo(found);
        try (CatBoostModel oracle = CatBoostModel.loadModel(file.bytes())) {
            CatBoostPredictions expected = oracle.predict(numbers, hashes);
            checkTexts(model, oracle, file, random);
            int outputs = expected.getPredictionDimension();
            assertThat(found).hasSize(ROWS * outputs);
            for (int r = 0; r < ROWS; r++) {
                for (int k = 0; k < outputs; k++) {
                    assertThat(found[r * outputs + k])
                            .as("output %d of row %d, model %d of seed %d", k, r, i, SEED)
                            .isEqualTo(expected.get(r, k));
                }
            }
        }
    }

    /** A border, a number beside it, any number, or none. */
    private static float number(float[] borders, SplittableRandom random) {
        float border = borders[random.nextInt(borders.length)];
        return switch (random.nextInt(7)) {
            case 0 -> Float.NaN;
            case 1 -> border;
            case 2 -> Math.nextUp(border);
            case 3 -> Math.nextDown(border);
            case 4 -> random.nextBoolean() ? Float.POSITIVE_INFINITY : Float.NEGATIVE_INFINITY;
            default -> (float) random.nextGaussian();
        };
    }
}
