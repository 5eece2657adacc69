package dev.tenon.differential;

import dev.tenon.formats.onnx.data.ElementTypes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.math.BigInteger;
import java.util.function.DoublePredicate;

/** Conversions of tensors for models and comparisons. */
public final class Tensors {
    private static final int SHOWN = 64;

    private Tensors() {}

    /** The same values in another type, rounded or wrapped. Strings and pairs become numbers. */
    public static Tensor convert(Tensor t, DType to) {
        Tensor r = Tensor.allocate(to, t.dims());
        for (long i = 0; i < t.size(); i++) {
            if (t.dtype() == DType.STRING) {
                r.setLong(i, t.getString(i).hashCode());
            } else if (t.dtype().isComplex()) {
                r.setLong(i, pair(t.getReal(i), t.getImaginary(i)));
            } else if (t.dtype().isFloating() || to.isFloating() && t.dtype() != DType.UINT64) {
                r.setDouble(i, t.getDouble(i));
            } else {
                r.setLong(i, t.getLong(i));
            }
        }
        return r;
    }

    /** A number for a pair. It is 0 for a pair of zeros. */
    static long pair(double real, double imaginary) {
        return real == 0 && imaginary == 0 ? 0 : 31L * Double.hashCode(real) + Double.hashCode(imaginary);
    }

    /** The number that the standard has for a type. */
    public static int number(DType type) {
        return ElementTypes.number(type);
    }

    public static boolean hasNaN(Tensor t) {
        return any(t, Double::isNaN);
    }

    public static boolean hasInfinity(Tensor t) {
        return any(t, Double::isInfinite);
    }

    /** Whether some element of a tensor of numbers passes a test. */
    public static boolean any(Tensor t, DoublePredicate test) {
        if (t == null || !t.dtype().isFloating() && !t.dtype().isInteger()) {
            return false;
        }
        for (long i = 0; i < t.size(); i++) {
            if (test.test(t.getDouble(i))) {
                return true;
            }
        }
        return false;
    }

    /** An element of a tensor of integers or booleans. */
    public static BigInteger exact(Tensor t, long i) {
        return t.dtype() == DType.UINT64
                ? new BigInteger(Long.toUnsignedString(t.getLong(i)))
                : BigInteger.valueOf(t.getLong(i));
    }

    /** Whether an integer is among the elements. */
    public static boolean has(Tensor t, long value) {
        for (long i = 0; i < t.size(); i++) {
            if (t.getLong(i) == value) {
                return true;
            }
        }
        return false;
    }

    /** Type, dimensions and the first elements. */
    public static String text(Tensor t) {
        StringBuilder out = new StringBuilder(t.type().text()).append(" {");
        for (long i = 0; i < Math.min(SHOWN, t.size()); i++) {
            out.append(i == 0 ? "" : ", ");
            if (t.dtype() == DType.STRING) {
                out.append('"').append(t.getString(i)).append('"');
            } else if (t.dtype().isComplex()) {
                out.append(t.getReal(i)).append('+').append(t.getImaginary(i)).append('i');
            } else if (t.dtype().isFloating()) {
                out.append(t.getDouble(i));
            } else if (t.dtype() == DType.UINT64) {
                out.append(Long.toUnsignedString(t.getLong(i)));
            } else {
                out.append(t.getLong(i));
            }
        }
        return out.append(t.size() > SHOWN ? ", …}" : "}").toString();
    }
}
