package dev.tenon.boosting;

import com.microsoft.ml.lightgbm.PredictionType;
import com.microsoft.ml.lightgbm.SWIGTYPE_p_double;
import com.microsoft.ml.lightgbm.SWIGTYPE_p_int;
import com.microsoft.ml.lightgbm.SWIGTYPE_p_long_long;
import com.microsoft.ml.lightgbm.SWIGTYPE_p_p_void;
import com.microsoft.ml.lightgbm.lightgbmlib;

/**
 * Predictions of LightGBM by its C interface: the class of lightgbm4j has a buffer for two outputs only, and writes beyond it where
 * a model has more.
 */
final class LightgbmOracle implements AutoCloseable {
    private final SWIGTYPE_p_p_void handle = lightgbmlib.new_voidpp();

    LightgbmOracle(String text) {
        SWIGTYPE_p_int iterations = lightgbmlib.new_intp();
        check(lightgbmlib.LGBM_BoosterLoadModelFromString(text, iterations, handle));
        lightgbmlib.delete_intp(iterations);
    }

    private static void check(int status) {
        if (status != 0) {
            throw new IllegalStateException(lightgbmlib.LGBM_GetLastError());
        }
    }

    /** The predictions of a kind, as many for each row as the model has outputs. */
    double[] predict(double[] cells, int columns, int outputs, PredictionType kind) {
        int rows = cells.length / columns;
        SWIGTYPE_p_double in = lightgbmlib.new_doubleArray(cells.length);
        SWIGTYPE_p_double out = lightgbmlib.new_doubleArray((long) rows * outputs);
        SWIGTYPE_p_long_long length = lightgbmlib.new_int64_tp();
        for (int i = 0; i < cells.length; i++) {
            lightgbmlib.doubleArray_setitem(in, i, cells[i]);
        }
        check(lightgbmlib.LGBM_BoosterPredictForMat(
                lightgbmlib.voidpp_value(handle),
                lightgbmlib.double_to_voidp_ptr(in),
                lightgbmlib.C_API_DTYPE_FLOAT64,
                rows,
                columns,
                1,
                kind.getType(),
                0,
                -1,
                "num_threads=1",
                length,
                out));
        double[] all = new double[rows * outputs];
        for (int i = 0; i < all.length; i++) {
            all[i] = lightgbmlib.doubleArray_getitem(out, i);
        }
        lightgbmlib.delete_doubleArray(in);
        lightgbmlib.delete_doubleArray(out);
        lightgbmlib.delete_int64_tp(length);
        return all;
    }

    @Override
    public void close() {
        check(lightgbmlib.LGBM_BoosterFree(lightgbmlib.voidpp_value(handle)));
        lightgbmlib.delete_voidpp(handle);
    }
}
