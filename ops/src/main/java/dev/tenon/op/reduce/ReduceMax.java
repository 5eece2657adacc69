package dev.tenon.op.reduce;

import dev.tenon.op.Attributes;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;

/**
 * The maximum. Without elements it is negative infinity, or the least value of a type without infinities. If an element
 * is NaN, the result is NaN. False is less than true.
 *
 * @param keepdims whether reduced axes are kept, with dimension 1
 * @param noopWithEmptyAxes whether a missing or empty list of axes stands for none instead of all
 */
public record ReduceMax(boolean keepdims, boolean noopWithEmptyAxes) implements Reduction {
    /** Inputs data and optionally axes, output reduced. */
    public static final OpSchema SCHEMA =
            Reduction.schema("ReduceMax", Types.union(NUMBERS, Types.set(DType.INT8, DType.UINT8, DType.BOOL)));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is no integer
     */
    public static ReduceMax of(Attributes a) {
        return new ReduceMax(a.flag("keepdims", true), a.flag("noop_with_empty_axes", false));
    }

    @Override
    public Kind kind() {
        return Kind.MAX;
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double reduceReals(Group group) {
        double result = Double.NEGATIVE_INFINITY;
        for (long i = 0; i < group.size(); i++) {
            result = Math.max(result, group.real(i));
        }
        return result;
    }

    @Override
    public long reduceIntegers(Group group) {
        long result = group.least();
        for (long i = 0; i < group.size(); i++) {
            long v = group.integer(i);
            boolean better = group.unsigned() ? Long.compareUnsigned(v, result) > 0 : v > result;
            result = better ? v : result;
        }
        return result;
    }

    @Override
    public Dim reduceSymbols(Dim a, Dim b) {
        return a.max(b);
    }
}
