package dev.tenon.op.reduce;

import dev.tenon.op.Attributes;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;

/**
 * The root of the sum of squares; 0 without elements. For integers it is truncated, and the sum wraps at 64 bits.
 *
 * @param keepdims whether reduced axes are kept, with dimension 1
 * @param noopWithEmptyAxes whether a missing or empty list of axes stands for none instead of all
 */
public record ReduceL2(boolean keepdims, boolean noopWithEmptyAxes) implements Reduction {
    /** Inputs data and optionally axes, output reduced. */
    public static final OpSchema SCHEMA = Reduction.schema("ReduceL2", NUMBERS).numerics(Numerics.sum(32));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is no integer
     */
    public static ReduceL2 of(Attributes a) {
        return new ReduceL2(a.flag("keepdims", true), a.flag("noop_with_empty_axes", false));
    }

    @Override
    public Kind kind() {
        return Kind.L2;
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double reduceReals(Group group) {
        double result = 0;
        for (long i = 0; i < group.size(); i++) {
            double v = group.real(i);
            result += v * v;
        }
        return Math.sqrt(result);
    }

    @Override
    public long reduceIntegers(Group group) {
        long result = 0;
        for (long i = 0; i < group.size(); i++) {
            long v = group.integer(i);
            result += v * v;
        }
        return (long) Math.sqrt(group.unsigned() ? unsigned(result) : result);
    }

    private static double unsigned(long value) {
        return value >= 0 ? value : (value >>> 1) * 2.0;
    }
}
