package dev.tenon.boosting;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import dev.tenon.Model;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import io.github.metarank.lightgbm4j.LGBMBooster;
import io.github.metarank.lightgbm4j.LGBMBooster.FeatureImportanceType;
import io.github.metarank.lightgbm4j.LGBMDataset;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** ONNX Runtime gives the same for the ONNX files that are saved of trees. */
class SavedTreesPeerTest {
    private static final long SEED = 31;
    private static final int ROWS = 400;
    private static final int ROUNDS = 6;

    /** ONNX Runtime may add trees in another order: a unit in the last place for each tree, and some for the link. */
    private static final int ULPS = ROUNDS + 8;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"binary:logistic, false", "binary:logistic, true", "multi:softprob, false"})
    void treesOfXgboost(String objective, boolean categorical) throws Exception {
        SplittableRandom random = new SplittableRandom(SEED);
        SampleTable table = new SampleTable(random, ROWS, categorical, 0.1, 0);
        DMatrix data = new DMatrix(table.cells, ROWS, SampleTable.COLUMNS, Float.NaN);
        if (categorical) {
            data.setFeatureTypes(new String[] {"float", "float", "float", "float", "c", "c"});
        }
        boolean many = objective.startsWith("multi");
        data.setLabel(table.classes(many ? 3 : 2));
        Map<String, Object> parameters = many
                ? Map.of(
                        "objective",
                        objective,
                        "num_class",
                        3,
                        "multi_strategy",
                        "multi_output_tree",
                        "tree_method",
                        "hist",
                        "verbosity",
                        0)
                : Map.of("objective", objective, "tree_method", "hist", "max_cat_to_onehot", 1, "verbosity", 0);
        Booster booster = XGBoost.train(data, parameters, ROUNDS, Map.of(), null, null);
        compare(Model.load(ByteBuffer.wrap(booster.toByteArray("ubj"))), table, random);
        booster.dispose();
        data.dispose();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " zero_as_missing=true", " linear_tree=true"})
    void treesOfLightgbm(String more) throws Exception {
        LightgbmLibrary.load();
        boolean categorical = !more.contains("linear");
        SplittableRandom random = new SplittableRandom(SEED);
        SampleTable table = new SampleTable(random, ROWS, categorical, 0.1, 0.1);
        String parameters = "objective=binary num_leaves=15 min_data_in_leaf=5 cat_smooth=1 verbosity=-1 num_threads=1"
                + more + (categorical ? " categorical_feature=4,5" : "");
        try (LGBMDataset data =
                LGBMDataset.createFromMat(table.cells, ROWS, SampleTable.COLUMNS, true, parameters, null)) {
            data.setField("label", table.classes(2));
            try (LGBMBooster booster = LGBMBooster.create(data, parameters)) {
                for (int i = 0; i < ROUNDS; i++) {
                    booster.updateOneIter();
                }
                String text = booster.saveModelToString(0, 0, FeatureImportanceType.GAIN);
                compare(Model.load(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))), table, random);
            }
        }
    }

    private void compare(Model model, SampleTable table, SplittableRandom random) throws Exception {
        float[] cells = table.probes(random, model, false);
        long[] dims = {cells.length / SampleTable.COLUMNS, SampleTable.COLUMNS};
        boolean wide = ((TensorType) model.inputs().getFirst().type()).dtype() == DType.FLOAT64;
        double[] doubles = new double[cells.length];
        for (int i = 0; i < cells.length; i++) {
            doubles[i] = cells[i];
        }
        Tensor rows = wide ? Tensor.of(doubles, dims) : Tensor.of(cells, dims);
        Tensor ours = model.predict(Map.of("features", rows)).tensor("prediction");
        Path saved = folder.resolve("saved.onnx");
        model.save(saved);
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(saved.toString());
                OnnxTensor input = wide
                        ? OnnxTensor.createTensor(environment, DoubleBuffer.wrap(doubles), dims)
                        : OnnxTensor.createTensor(environment, FloatBuffer.wrap(cells), dims);
                OrtSession.Result result = session.run(Map.of("features", input))) {
            OnnxTensor theirs = (OnnxTensor) result.get("prediction").orElseThrow();
            for (int i = 0; i < ours.size(); i++) {
                double found = ours.getDouble(i);
                double expected = wide
                        ? theirs.getDoubleBuffer().get(i)
                        : theirs.getFloatBuffer().get(i);
                double unit = wide ? Math.ulp(1.0) : Math.ulp(1f);
                assertThat(Math.abs(found - expected))
                        .as("prediction %d: %s and %s (seed %d)", i, found, expected, SEED)
                        .isLessThanOrEqualTo(ULPS * unit);
            }
        }
    }
}
