package dev.tenon.benchmarks.trees;

import com.microsoft.ml.lightgbm.PredictionType;
import dev.tenon.benchmarks.engine.PreparedRun;
import io.github.metarank.lightgbm4j.LGBMBooster;
import io.github.metarank.lightgbm4j.LGBMException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Trees in LightGBM. */
public final class LightgbmRun implements PreparedRun {
    private final CycledRows rows;
    private final LGBMBooster booster;
    private final String parameters;
    private double[] last = {};

    /**
     * Loads trees.
     *
     * @param file the file
     * @param rows the rows of the calls
     * @param threads the threads of a call
     */
    public LightgbmRun(Path file, CycledRows rows, int threads) {
        this.rows = rows;
        this.parameters = "num_threads=" + threads;
        try {
            LightgbmLibrary.load();
            booster = LGBMBooster.createFromModelfile(file.toString());
        } catch (LGBMException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void run() {
        float[] cells = rows.nextCells();
        try {
            last = rows.rows() == 1
                    ? new double[] {booster.predictForMatSingleRow(cells, PredictionType.C_API_PREDICT_NORMAL)}
                    : booster.predictForMat(
                            cells, rows.rows(), rows.columns(), true, PredictionType.C_API_PREDICT_NORMAL, parameters);
        } catch (LGBMException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public float[] output() {
        float[] all = new float[last.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = (float) last[i];
        }
        return all;
    }

    @Override
    public void close() {
        try {
            booster.close();
        } catch (LGBMException e) {
            throw new IllegalStateException(e);
        }
    }
}
