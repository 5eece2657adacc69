package dev.tenon.boosting;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.ml.lightgbm.PredictionType;
import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.tensor.Tensor;
import io.github.metarank.lightgbm4j.LGBMBooster;
import io.github.metarank.lightgbm4j.LGBMBooster.FeatureImportanceType;
import io.github.metarank.lightgbm4j.LGBMDataset;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Models that LightGBM trains and saves: margins must have the same bits, predictions be within units of the last place. */
class LightgbmOracleTest {
    private static final long SEED = 31;

    /** The relative error of a link: of the exponentials of two libraries, and what follows. */
    private static final double LINK_ULPS = 4;

    /** A configuration to train with. */
    record Config(String objective, boolean categorical, double missing, double zeros, String more) {}

    private static final List<String> OBJECTIVES = List.of(
            "regression",
            "regression_l1",
            "huber",
            "fair",
            "poisson",
            "quantile",
            "mape",
            "gamma",
            "tweedie",
            "binary",
            "multiclass",
            "multiclassova",
            "cross_entropy",
            "cross_entropy_lambda",
            "lambdarank",
            "rank_xendcg");

    static List<Config> configs() {
        List<Config> all = new ArrayList<>();
        for (int i = 0; i < OBJECTIVES.size(); i++) {
            String missing =
                    List.of("", " zero_as_missing=true", " use_missing=false").get(i % 3);
            all.add(new Config(OBJECTIVES.get(i), i % 2 == 0, i % 4 * 0.1, i % 3 * 0.15, missing));
        }
        all.add(new Config("regression", false, 0.1, 0.2, " linear_tree=true"));
        all.add(new Config("binary", false, 0.1, 0, " linear_tree=true"));
        all.add(new Config("multiclass", false, 0.1, 0, " linear_tree=true"));
        all.add(new Config("regression", false, 0, 0, " reg_sqrt=true"));
        all.add(new Config("binary", true, 0.2, 0, " sigmoid=0.7 boosting=dart"));
        all.add(new Config(
                "binary", true, 0.1, 0.2, " boosting=rf bagging_freq=1 bagging_fraction=0.5 feature_fraction=0.7"));
        all.add(new Config("multiclass", false, 0.1, 0.2, " boosting=rf bagging_freq=1 bagging_fraction=0.5"));
        all.add(new Config("regression", true, 0.1, 0.2, " zero_as_missing=true max_cat_to_onehot=64"));
        all.add(new Config("regression", false, 0, 0, " min_gain_to_split=1e300"));
        return all;
    }

    static List<Config> grid() {
        List<Config> all = new ArrayList<>();
        for (String objective : OBJECTIVES) {
            for (String more : List.of("", " zero_as_missing=true", " use_missing=false", " boosting=dart")) {
                for (boolean categorical : new boolean[] {false, true}) {
                    all.add(new Config(objective, categorical, 0.05, 0.1, more));
                    all.add(new Config(objective, categorical, 0.4, 0.3, more));
                }
            }
        }
        return all;
    }

    @TempDir
    private Path folder;

    @BeforeAll
    static void loadNative() throws Exception {
        LightgbmLibrary.load();
    }

    @ParameterizedTest
    @MethodSource("configs")
    void marginsHaveTheBitsOfLightgbm(Config config) throws Exception {
        check(config, 5, 300);
    }

    @Tag("exhaustive")
    @ParameterizedTest
    @MethodSource("grid")
    void marginsOfTheGridHaveTheBitsOfLightgbm(Config config) throws Exception {
        check(config, 25, 2000);
    }

    private void check(Config config, int rounds, int rows) throws Exception {
        SplittableRandom random = new SplittableRandom(SEED);
        SampleTable table = new SampleTable(random, rows, config.categorical(), config.missing(), config.zeros());
        String parameters = "objective=" + config.objective() + config.more()
                + " num_leaves=15 min_data_in_leaf=5 min_data_per_group=5 cat_smooth=1 learning_rate=0.3 num_threads=1"
                + " verbosity=-1 seed=1 deterministic=true"
                + (config.objective().startsWith("multiclass") ? " num_class=3" : "")
                + (config.categorical() ? " categorical_feature=4,5" : "");
        try (LGBMDataset data =
                LGBMDataset.createFromMat(table.cells, rows, SampleTable.COLUMNS, true, parameters, null)) {
            data.setField("label", labels(table, config.objective()));
            if (config.objective().equals("lambdarank") || config.objective().equals("rank_xendcg")) {
                data.setField("group", new int[] {rows / 2, rows - rows / 2});
            }
            try (LGBMBooster booster = LGBMBooster.create(data, parameters)) {
                for (int i = 0; i < rounds; i++) {
                    if (booster.updateOneIter()) {
                        break;
                    }
                }
                String text = booster.saveModelToString(0, 0, FeatureImportanceType.GAIN);
                Model model = Model.load(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
                compare(model, text, table, random, config);
                Path saved = folder.resolve("saved.onnx");
                model.save(saved);
                compare(Model.load(saved), text, table, random, config);
            }
        }
    }

    private static float[] labels(SampleTable table, String objective) {
        return switch (objective) {
            case "binary", "lambdarank", "rank_xendcg" -> table.classes(2);
            case "multiclass", "multiclassova" -> table.classes(3);
            case "cross_entropy", "cross_entropy_lambda" -> table.shares();
            case "poisson", "gamma", "tweedie", "mape" -> table.counts();
            default -> table.numbers();
        };
    }

    private static void compare(Model model, String text, SampleTable table, SplittableRandom random, Config config) {
        double[] cells = table.doubleProbes(random, model);
        int rows = cells.length / SampleTable.COLUMNS;
        double[] margins;
        double[] predictions;
        // The saved model is the oracle: numbers of the trained one may have more digits.
        int outputs = config.objective().startsWith("multiclass") ? 3 : 1;
        try (LightgbmOracle oracle = new LightgbmOracle(text)) {
            margins = oracle.predict(cells, SampleTable.COLUMNS, outputs, PredictionType.C_API_PREDICT_RAW_SCORE);
            predictions = oracle.predict(cells, SampleTable.COLUMNS, outputs, PredictionType.C_API_PREDICT_NORMAL);
        }
        Outputs out = model.predict(Map.of("features", Tensor.of(cells, rows, SampleTable.COLUMNS)));
        Tensor prediction = out.tensor("prediction");
        Tensor margin = model.outputs().size() > 1 ? out.tensor("margin") : prediction;
        assertThat(margin.size()).isEqualTo(margins.length);
        for (int i = 0; i < margins.length; i++) {
            double found = margin.getDouble(i);
            if (Double.doubleToLongBits(found) != Double.doubleToLongBits(margins[i]) && found != margins[i]) {
                assertThat(found)
                        .as("%s: margin %d, row %s (seed %d)", config, i, row(cells, i / (margins.length / rows)), SEED)
                        .isEqualTo(margins[i]);
            }
        }
        for (int i = 0; i < predictions.length; i++) {
            double found = prediction.getDouble(i);
            double error = LINK_ULPS * Math.ulp(Math.max(Math.abs(predictions[i]), Double.MIN_NORMAL));
            if (Math.abs(found - predictions[i]) > error && found != predictions[i]) {
                assertThat(found)
                        .as(
                                "%s: prediction %d, row %s (seed %d)",
                                config, i, row(cells, i / (margins.length / rows)), SEED)
                        .isEqualTo(predictions[i]);
            }
        }
    }

    private static List<Double> row(double[] cells, int r) {
        List<Double> row = new ArrayList<>();
        for (int c = 0; c < SampleTable.COLUMNS; c++) {
            row.add(cells[r * SampleTable.COLUMNS + c]);
        }
        return row;
    }
}
