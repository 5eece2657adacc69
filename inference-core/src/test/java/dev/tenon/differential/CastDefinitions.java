package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Set;

/**
 * Conversions to booleans, and to float8e5m2 by the table of the standard, with arithmetic in place of bit operations.
 */
final class CastDefinitions {
    private static final Set<String> OPERATORS = Set.of("Cast", "CastLike");
    private static final double GREATEST = 57344;
    private static final long INFINITY = 0x7c;
    private static final long SIGN = 0x80;
    private static final int DIGITS = 2;
    private static final int LEAST_EXPONENT = -14;

    private CastDefinitions() {}

    static boolean has(OperatorModel s) {
        return OPERATORS.contains(s.entry())
                && (Deviations.target(s) == DType.FLOAT8E5M2
                        || Deviations.target(s) == DType.BOOL
                                && s.operand(0).dtype().isFloating());
    }

    static Tensor apply(OperatorModel s) {
        Tensor x = s.operand(0);
        if (Deviations.target(s) == DType.BOOL) {
            Tensor y = Tensor.allocate(DType.BOOL, x.dims());
            for (long i = 0; i < x.size(); i++) {
                y.setBoolean(i, x.getDouble(i) != 0);
            }
            return y;
        }
        boolean saturates = !Long.valueOf(0).equals(s.attribute("saturate"));
        Tensor y = Tensor.allocate(DType.FLOAT8E5M2, x.dims());
        for (long i = 0; i < x.size(); i++) {
            double v = x.dtype() == DType.UINT64 ? Tensors.exact(x, i).doubleValue() : x.getDouble(i);
            double nearest = rounded(v, saturates);
            if (Double.isInfinite(nearest)) {
                y.setBits(i, nearest > 0 ? INFINITY : INFINITY | SIGN);
            } else {
                y.setDouble(i, nearest);
            }
        }
        return y;
    }

    private static double rounded(double v, boolean saturates) {
        if (Double.isNaN(v) || v == 0) {
            return v;
        }
        double unit = Math.scalb(1.0, Math.max(Math.getExponent(v), LEAST_EXPONENT) - DIGITS);
        double nearest = Double.isInfinite(v) ? v : Math.rint(v / unit) * unit;
        if (Math.abs(nearest) <= GREATEST) {
            return Math.copySign(nearest, v);
        }
        return Math.copySign(saturates ? GREATEST : Double.POSITIVE_INFINITY, v);
    }
}
