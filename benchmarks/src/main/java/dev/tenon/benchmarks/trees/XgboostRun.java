package dev.tenon.benchmarks.trees;

import dev.tenon.benchmarks.engine.PreparedRun;
import java.nio.file.Path;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;

/** Trees in XGBoost, by its prediction in place: predictions of a {@code DMatrix} are kept from call to call. */
public final class XgboostRun implements PreparedRun {
    private final CycledRows rows;
    private final Booster booster;
    private float[][] last = {};

    /**
     * Loads trees.
     *
     * @param file the file
     * @param rows the rows of the calls
     * @param threads the threads of a call
     */
    public XgboostRun(Path file, CycledRows rows, int threads) {
        this.rows = rows;
        try {
            booster = XGBoost.loadModel(file.toString());
            booster.setParam("nthread", threads);
        } catch (XGBoostError e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void run() {
        float[] cells = rows.nextCells();
        try {
            last = booster.inplace_predict(cells, rows.rows(), rows.columns(), Float.NaN);
        } catch (XGBoostError e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public float[] output() {
        float[] all = new float[last.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = last[i][0];
        }
        return all;
    }

    @Override
    public void close() {
        booster.dispose();
    }
}
