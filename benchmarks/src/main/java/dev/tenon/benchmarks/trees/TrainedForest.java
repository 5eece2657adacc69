package dev.tenon.benchmarks.trees;

import dev.tenon.formats.AtomicFile;
import io.github.metarank.lightgbm4j.LGBMBooster;
import io.github.metarank.lightgbm4j.LGBMBooster.FeatureImportanceType;
import io.github.metarank.lightgbm4j.LGBMDataset;
import io.github.metarank.lightgbm4j.LGBMException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;

/**
 * A forest of XGBoost or LightGBM, trained on a table that is always the same. The file is kept in the folder for temporary files,
 * so that each process need not train again.
 *
 * @param name {@code xgb-TREESxDEPTH} or {@code lgb-TREESxLEAVES}
 * @param trees the number of trees
 * @param size the depth or the leaves of a tree
 */
public record TrainedForest(String name, int trees, int size) {
    /** The rows of the table. */
    public static final int ROWS = 10_000;

    /** The columns of the table. */
    public static final int COLUMNS = 20;

    private static final Pattern NAME = Pattern.compile("(xgb|lgb)-([1-9]\\d{0,4})x([1-9]\\d{0,3})");
    private static final long SEED = 20260101;

    /**
     * Parses a name.
     *
     * @param name such as {@code xgb-100x6}
     * @return the forest
     * @throws IllegalArgumentException if it is no such name
     */
    public static TrainedForest of(String name) {
        Matcher m = NAME.matcher(name);
        if (!m.matches()) {
            throw new IllegalArgumentException("forest '" + name + "' is not xgb-TREESxDEPTH or lgb-TREESxLEAVES");
        }
        return new TrainedForest(name, Integer.parseInt(m.group(2)), Integer.parseInt(m.group(3)));
    }

    /**
     * Whether LightGBM trains it.
     *
     * @return false if XGBoost does
     */
    public boolean isLightgbm() {
        return name.startsWith("lgb");
    }

    /**
     * The table, with some missing cells.
     *
     * @return the cells, row by row; each call makes the same
     */
    public float[] table() {
        SplittableRandom random = new SplittableRandom(SEED);
        float[] cells = new float[ROWS * COLUMNS];
        for (int i = 0; i < cells.length; i++) {
            cells[i] = random.nextInt(20) == 0 ? Float.NaN : (float) random.nextGaussian();
        }
        return cells;
    }

    private static float[] labels(float[] table) {
        SplittableRandom random = new SplittableRandom(SEED + 1);
        float[] labels = new float[ROWS];
        for (int r = 0; r < ROWS; r++) {
            double sum = random.nextGaussian() / 2;
            for (int c = 0; c + 1 < COLUMNS; c += 2) {
                float x = table[r * COLUMNS + c];
                float y = table[r * COLUMNS + c + 1];
                sum += Float.isNaN(x) || Float.isNaN(y) ? 0.1 : x * y + Math.abs(x) - 0.8;
            }
            labels[r] = sum > 0 ? 1 : 0;
        }
        return labels;
    }

    /**
     * The file of the forest, which is trained if it is not there.
     *
     * @return the file
     */
    public Path file() {
        try {
            Path folder = Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir"), "tenon-forests"));
            String ending = isLightgbm() ? ".txt" : ".ubj";
            Path file = folder.resolve(name + ending);
            if (!Files.exists(file)) {
                AtomicFile.make(file, ending, part -> Files.write(part, isLightgbm() ? lightgbm() : xgboost()));
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] xgboost() {
        float[] table = table();
        try {
            DMatrix data = new DMatrix(table, ROWS, COLUMNS, Float.NaN);
            data.setLabel(labels(table));
            Map<String, Object> parameters = new HashMap<>(Map.of(
                    "objective", "binary:logistic", "max_depth", size, "eta", 0.1, "tree_method", "hist", "seed", 1));
            parameters.put("verbosity", 0);
            parameters.put("nthread", 1);
            parameters.put("min_child_weight", 0.01);
            Booster booster = XGBoost.train(data, parameters, trees, Map.of(), null, null);
            byte[] bytes = booster.toByteArray("ubj");
            booster.dispose();
            data.dispose();
            return bytes;
        } catch (XGBoostError e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] lightgbm() {
        float[] table = table();
        String parameters = "objective=binary learning_rate=0.1 num_leaves=" + size
                + " verbosity=-1 seed=1 deterministic=true num_threads=1";
        try {
            LightgbmLibrary.load();
            try (LGBMDataset data = LGBMDataset.createFromMat(table, ROWS, COLUMNS, true, parameters, null)) {
                data.setField("label", labels(table));
                try (LGBMBooster booster = LGBMBooster.create(data, parameters)) {
                    for (int i = 0; i < trees; i++) {
                        booster.updateOneIter();
                    }
                    return booster.saveModelToString(0, 0, FeatureImportanceType.GAIN)
                            .getBytes(StandardCharsets.UTF_8);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (LGBMException e) {
            throw new IllegalStateException(e);
        }
    }
}
