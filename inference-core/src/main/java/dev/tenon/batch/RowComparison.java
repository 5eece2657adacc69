package dev.tenon.batch;

import dev.tenon.Outputs;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.Map;

/** Compares rows of outputs of a batch with outputs of calls. */
public final class RowComparison {
    private RowComparison() {}

    /**
     * Whether rows of outputs have the bits of the outputs of a call.
     *
     * @param together outputs of several calls, all tensors
     * @param from the first row of the call in them
     * @param single the outputs of the call alone
     * @return whether all bits are equal
     */
    public static boolean equal(Outputs together, int from, Outputs single) {
        for (Map.Entry<String, Datum> e : single.entrySet()) {
            Tensor own = (Tensor) e.getValue();
            Tensor all = together.tensor(e.getKey());
            if (!all.slice(from, from + own.dim(0)).contentEquals(own)) {
                return false;
            }
        }
        return true;
    }

    /**
     * The largest distance of two elements at the same place. Equal elements, equal infinities and two NaNs have none;
     * another NaN or infinity is infinitely far away. Strings are 0 or infinitely far apart.
     *
     * @param a a tensor
     * @param b another one
     * @return the distance; infinite if types or sizes differ
     */
    public static double distance(Tensor a, Tensor b) {
        if (a.contentEquals(b)) {
            return 0;
        }
        if (a.size() != b.size() || a.dtype() != b.dtype() || !isReal(a)) {
            return Double.POSITIVE_INFINITY;
        }
        double largest = 0;
        for (long i = 0; i < a.size(); i++) {
            double x = a.getDouble(i);
            double y = b.getDouble(i);
            if (x != y && !(Double.isNaN(x) && Double.isNaN(y))) {
                double d = Math.abs(x - y);
                largest = Math.max(largest, Double.isNaN(d) ? Double.POSITIVE_INFINITY : d);
            }
        }
        return largest;
    }

    private static boolean isReal(Tensor t) {
        return t.dtype().isFloating() || t.dtype().isInteger() || t.dtype() == DType.BOOL;
    }

    /**
     * The largest absolute value of the finite elements.
     *
     * @param t a tensor
     * @return the value, 0 if there is none
     */
    public static double magnitude(Tensor t) {
        double largest = 0;
        for (long i = 0; isReal(t) && i < t.size(); i++) {
            double x = Math.abs(t.getDouble(i));
            largest = Double.isFinite(x) ? Math.max(largest, x) : largest;
        }
        return largest;
    }
}
