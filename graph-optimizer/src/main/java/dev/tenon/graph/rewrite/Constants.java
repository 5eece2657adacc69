package dev.tenon.graph.rewrite;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Tests of constants for patterns and rules. */
public final class Constants {
    /** The relative error of constants that an exporter prints with few digits. */
    private static final double PRINTED = 1e-6;

    /** The number of rounding errors that a constant in double precision may have. */
    private static final double ROUNDINGS = 16;

    private Constants() {}

    /**
     * Whether a tensor of real numbers has at least one element, and all elements have the same bits.
     *
     * @param t the tensor
     * @return false for strings, booleans and complex numbers too
     */
    public static boolean isUniform(Tensor t) {
        if (!isReal(t) || t.size() == 0) {
            return false;
        }
        double first = t.getDouble(0);
        for (long i = 1; i < t.size(); i++) {
            if (Double.compare(t.getDouble(i), first) != 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean isReal(Tensor t) {
        return t.dtype().isFloating() || t.dtype().isInteger();
    }

    /**
     * Whether all elements are exactly a number, rounded to the element type. For floats the sign of 0 counts.
     *
     * @param t the tensor
     * @param number the number
     * @return false for empty tensors
     */
    public static boolean isAll(Tensor t, double number) {
        if (!isReal(t) || t.size() == 0) {
            return false;
        }
        double expected = number;
        if (t.dtype().isFloating()) {
            expected = Tensor.convert(t.dtype(), new double[] {number}).getDouble(0);
        }
        if (Double.compare(t.getDouble(0), expected) != 0) {
            return false;
        }
        return isUniform(t);
    }

    /**
     * The number of a uniform tensor.
     *
     * @param t the tensor
     * @return its first element
     */
    public static double number(Tensor t) {
        return t.getDouble(0);
    }

    /**
     * Whether a number may be another one that an exporter has printed with few digits, or rounded to an element type.
     * In double precision only some rounding errors are allowed, because results would show a constant with few digits.
     *
     * @param found the number
     * @param meant the other number
     * @param type the element type
     * @return whether they differ by little, relative to the other number
     */
    public static boolean isNear(double found, double meant, DType type) {
        double printed = type == DType.FLOAT64 ? ROUNDINGS * type.epsilon() : PRINTED;
        double epsilon = type.isFloating() ? Math.max(printed, 2 * type.epsilon()) : 0;
        return Math.abs(found - meant) <= epsilon * Math.abs(meant);
    }

    /**
     * A tensor of one element type with all elements the same.
     *
     * @param type the element type, of real numbers
     * @param number the number
     * @param dims the dimensions
     * @return the tensor
     */
    public static Tensor filled(DType type, double number, long... dims) {
        Tensor t = Tensor.allocate(type, dims);
        long first = type.isSubByte() ? t.size() : Math.min(1, t.size());
        for (long i = 0; i < first; i++) {
            t.setDouble(i, number);
        }
        // Each copy doubles the part that is filled.
        MemorySegment all = t.segment();
        for (long done = type.byteSize(first); done < all.byteSize(); done *= 2) {
            MemorySegment.copy(all, 0, all, done, Math.min(done, all.byteSize() - done));
        }
        return t;
    }
}
