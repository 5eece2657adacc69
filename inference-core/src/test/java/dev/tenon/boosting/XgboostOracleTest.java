package dev.tenon.boosting;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.LoadOptions;
import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.formats.TreeSelection;
import dev.tenon.graph.GraphText;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Exhaustive;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Models that XGBoost trains and saves: margins must have the same bits, predictions be close. */
class XgboostOracleTest {
    private static final long SEED = 31;

    /** The relative error of a link: of XGBoost's exponential in float, and of ours. */
    private static final double LINK_ULPS = 8;

    /** XGBoost stops its exponential at 88.7, so its probabilities end at 3.01e-39. */
    private static final double LEAST_PROBABILITY = 3.1e-39;

    /** A configuration to train with. */
    record Config(
            String objective,
            String booster,
            boolean categorical,
            double missing,
            int classes,
            Map<String, Object> more) {
        @Override
        public String toString() {
            return objective + " " + booster + (categorical ? " categorical" : "") + " missing " + missing + " " + more;
        }
    }

    private static final List<String> OBJECTIVES = List.of(
            "reg:squarederror",
            "reg:squaredlogerror",
            "reg:logistic",
            "reg:pseudohubererror",
            "reg:absoluteerror",
            "reg:quantileerror",
            "reg:gamma",
            "reg:tweedie",
            "reg:expectileerror",
            "count:poisson",
            "survival:cox",
            "binary:logistic",
            "binary:logitraw",
            "binary:hinge",
            "rank:pairwise",
            "rank:ndcg",
            "multi:softprob",
            "multi:softmax");

    private static Config config(
            String objective, String booster, boolean categorical, double missing, Object... more) {
        Map<String, Object> parameters = new HashMap<>();
        for (int i = 0; i < more.length; i += 2) {
            parameters.put((String) more[i], more[i + 1]);
        }
        int classes = objective.startsWith("multi:") ? 3 : 1;
        if (objective.equals("reg:quantileerror")) {
            parameters.put("quantile_alpha", "[0.25,0.75]");
            classes = 2;
        }
        if (objective.equals("reg:expectileerror")) {
            parameters.put("expectile_alpha", "[0.2,0.5,0.8]");
            classes = 3;
        }
        if (categorical) {
            parameters.putIfAbsent("max_cat_to_onehot", missing > 0 ? 100 : 1);
        }
        return new Config(objective, booster, categorical, missing, classes, parameters);
    }

    /** One configuration for each objective and each peculiarity. */
    static List<Config> configs() {
        List<Config> all = new ArrayList<>();
        for (int i = 0; i < OBJECTIVES.size(); i++) {
            all.add(config(OBJECTIVES.get(i), i % 4 == 3 ? "dart" : "gbtree", i % 3 == 1, i % 2 * 0.2));
        }
        all.add(config("reg:squarederror", "gblinear", false, 0.2));
        all.add(config("multi:softprob", "gblinear", false, 0));
        all.add(config("multi:softprob", "gbtree", false, 0.1, "multi_strategy", "multi_output_tree"));
        all.add(config("multi:softprob", "gbtree", true, 0.1, "multi_strategy", "multi_output_tree"));
        all.add(config("reg:squarederror", "gbtree", false, 0.1, "num_parallel_tree", 3, "subsample", 0.5));
        all.add(config("binary:logistic", "gbtree", false, 0, "base_score", 0.2));
        all.add(config("reg:squarederror", "gbtree", false, 0, "gamma", 1e9));
        all.add(config(
                "reg:squarederror", "gbtree", true, 0.3, "grow_policy", "lossguide", "max_leaves", 40, "max_depth", 0));
        return all;
    }

    /** All of objective, booster, categories and missing values. */
    static List<Config> grid() {
        List<Config> all = new ArrayList<>();
        for (String objective : OBJECTIVES) {
            for (String booster : List.of("gbtree", "dart")) {
                for (boolean categorical : new boolean[] {false, true}) {
                    for (double missing : new double[] {0, 0.05, 0.5}) {
                        all.add(config(objective, booster, categorical, missing));
                    }
                }
            }
            all.add(config(objective, "gblinear", false, 0.1));
        }
        return all;
    }

    @TempDir
    private Path folder;

    @ParameterizedTest
    @MethodSource("configs")
    void marginsHaveTheBitsOfXgboost(Config config) throws Exception {
        check(config, 6, 300);
    }

    @Tag("exhaustive")
    @ParameterizedTest
    @MethodSource("grid")
    void marginsOfTheGridHaveTheBitsOfXgboost(Config config) throws Exception {
        check(config, 30, 2000);
    }

    /** A hundred thousand rows. */
    @Tag("exhaustive")
    @Test
    void marginsOfManyRowsHaveTheBitsOfXgboost() throws Exception {
        check(config("binary:logistic", "gbtree", true, 0.1), 100, 100_000);
    }

    static List<Config> gridOfIterations() {
        List<Config> all = grid();
        for (int parallel = 2; parallel <= 4; parallel++) {
            for (String booster : List.of("gbtree", "dart")) {
                all.add(config("multi:softprob", booster, false, 0.1, "num_parallel_tree", parallel, "subsample", 0.5));
            }
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("configs")
    void bestIterationsHaveTheBitsOfXgboost(Config config) throws Exception {
        checkIterations(config, 6, 300);
    }

    @Tag("exhaustive")
    @ParameterizedTest
    @MethodSource("gridOfIterations")
    void bestIterationsOfTheGridHaveTheBitsOfXgboost(Config config) throws Exception {
        checkIterations(config, 20, 1000);
    }

    /** XGBoost's estimators for scikit-learn predict with the range of iterations that ends behind the best one. */
    private static void checkIterations(Config config, int rounds, int rows) throws Exception {
        System.setProperty("xgboost4j.verbosity", "0");
        SplittableRandom random = new SplittableRandom(SEED);
        SampleTable table = new SampleTable(random, rows, config.categorical(), config.missing(), 0);
        Booster booster = train(table, config, rounds);
        try {
            for (int best : new int[] {0, random.nextInt(1, rounds - 1), rounds - 1}) {
                booster.setAttr("best_iteration", Integer.toString(best));
                for (String form : List.of("ubj", "json")) {
                    byte[] file = booster.toByteArray(form);
                    Model model = Model.load(
                            ByteBuffer.wrap(file), LoadOptions.standard().trees(TreeSelection.BEST_ITERATION));
                    compare(model, booster, table, config, table.cells, best + 1);
                    Model all = Model.load(
                            ByteBuffer.wrap(file), LoadOptions.standard().trees(TreeSelection.ALL));
                    compare(all, booster, table, config, table.cells, 0);
                }
            }
        } finally {
            booster.dispose();
        }
    }

    private void check(Config config, int rounds, int rows) throws Exception {
        System.setProperty("xgboost4j.verbosity", "0");
        SplittableRandom random = new SplittableRandom(SEED);
        SampleTable table = new SampleTable(random, rows, config.categorical(), config.missing(), 0);
        Booster booster = train(table, config, rounds);
        try {
            Model model = Model.load(ByteBuffer.wrap(booster.toByteArray("ubj")));
            compare(model, booster, table, random, config);
            assertThat(GraphText.print(Model.load(ByteBuffer.wrap(booster.toByteArray("json")))
                            .graph()))
                    .as("%s: the graph of the JSON file", config)
                    .isEqualTo(GraphText.print(model.graph()));
            Path saved = folder.resolve("saved.onnx");
            model.save(saved);
            compare(Model.load(saved), booster, table, random, config);
            if (Exhaustive.isOn()) {
                compare(Model.load(ByteBuffer.wrap(booster.toByteArray("json"))), booster, table, config, table.cells);
            }
        } finally {
            booster.dispose();
        }
    }

    private static Booster train(SampleTable table, Config config, int rounds) throws Exception {
        DMatrix data = matrix(table.cells, table.categorical);
        String objective = config.objective();
        float[] labels =
                switch (objective) {
                    case "reg:logistic" -> table.shares();
                    case "binary:logistic", "binary:logitraw", "binary:hinge", "rank:ndcg", "rank:pairwise" ->
                        table.classes(2);
                    case "multi:softprob", "multi:softmax" -> table.classes(3);
                    case "reg:gamma", "reg:tweedie", "count:poisson", "survival:cox", "reg:squaredlogerror" ->
                        table.counts();
                    default -> table.numbers();
                };
        data.setLabel(labels);
        if (objective.startsWith("rank:")) {
            data.setGroup(new int[] {table.rows / 2, table.rows - table.rows / 2});
        }
        Map<String, Object> parameters = new HashMap<>(Map.of(
                "objective",
                objective,
                "booster",
                config.booster(),
                "max_depth",
                5,
                "eta",
                0.4,
                "nthread",
                1,
                "seed",
                SEED,
                "verbosity",
                0));
        if (objective.startsWith("multi:")) {
            parameters.put("num_class", 3);
        }
        if (config.booster().equals("dart")) {
            parameters.put("rate_drop", 0.3);
        }
        if (config.booster().equals("gblinear")) {
            parameters.remove("max_depth");
        } else {
            parameters.put("tree_method", "hist");
        }
        parameters.putAll(config.more());
        Booster booster = XGBoost.train(data, parameters, rounds, Map.of(), null, null);
        data.dispose();
        return booster;
    }

    private static DMatrix matrix(float[] cells, boolean categorical) throws Exception {
        DMatrix data = new DMatrix(cells, cells.length / SampleTable.COLUMNS, SampleTable.COLUMNS, Float.NaN);
        if (categorical) {
            String[] types = new String[SampleTable.COLUMNS];
            for (int c = 0; c < types.length; c++) {
                types[c] = c >= SampleTable.FIRST_CATEGORY ? "c" : "float";
            }
            data.setFeatureTypes(types);
        }
        return data;
    }

    private static void compare(Model model, Booster booster, SampleTable table, SplittableRandom random, Config config)
            throws Exception {
        compare(model, booster, table, config, table.probes(random, model, false));
    }

    private static void compare(Model model, Booster booster, SampleTable table, Config config, float[] cells)
            throws Exception {
        compare(model, booster, table, config, cells, 0);
    }

    /** Compares with some iterations of a booster, 0 for all. XGBoost counts the trees that are made side by side. */
    private static void compare(
            Model model, Booster booster, SampleTable table, Config config, float[] cells, int iterations)
            throws Exception {
        int trees = iterations * (int) config.more().getOrDefault("num_parallel_tree", 1);
        int rows = cells.length / SampleTable.COLUMNS;
        DMatrix data = matrix(cells, table.categorical);
        float[][] margins = booster.predict(data, true, trees);
        float[][] predictions = booster.predict(data, false, trees);
        data.dispose();
        Outputs out = model.predict(Map.of("features", Tensor.of(cells, rows, SampleTable.COLUMNS)));
        Tensor prediction = out.tensor("prediction");
        Tensor margin = model.outputs().size() > 1 ? out.tensor("margin") : prediction;
        assertThat(margin.dims()).containsExactly(rows, margins[0].length);
        for (int r = 0; r < rows; r++) {
            for (int k = 0; k < margins[r].length; k++) {
                float found = margin.getFloat((long) r * margins[r].length + k);
                if (Float.floatToIntBits(found) != Float.floatToIntBits(margins[r][k])) {
                    assertThat(found)
                            .as("%s: margin %d of row %d %s (seed %d)", config, k, r, row(cells, r), SEED)
                            .isEqualTo(margins[r][k]);
                }
            }
            int columns = predictions[r].length;
            for (int k = 0; k < columns; k++) {
                float found = prediction.getFloat((long) r * columns + k);
                float expected = predictions[r][k];
                double error = LINK_ULPS * Math.ulp(Math.max(scale(config, margins[r], expected), Float.MIN_NORMAL));
                boolean least = found >= 0 && found <= LEAST_PROBABILITY && expected <= LEAST_PROBABILITY;
                if (Math.abs(found - expected) > error && found != expected && !(least && expected > 0)) {
                    assertThat(found)
                            .as("%s: prediction %d of row %d %s (seed %d)", config, k, r, row(cells, r), SEED)
                            .isEqualTo(expected);
                }
            }
        }
    }

    /** The magnitude to which an error is relative. Expectiles are sums of terms that may cancel each other. */
    private static float scale(Config config, float[] margins, float expected) {
        float most = Math.abs(expected);
        for (float margin : config.objective().equals("reg:expectileerror") ? margins : new float[0]) {
            most = Math.max(most, Math.abs(margin));
        }
        return most;
    }

    private static List<Float> row(float[] cells, int r) {
        List<Float> row = new ArrayList<>();
        for (int c = 0; c < SampleTable.COLUMNS; c++) {
            row.add(cells[r * SampleTable.COLUMNS + c]);
        }
        return row;
    }
}
