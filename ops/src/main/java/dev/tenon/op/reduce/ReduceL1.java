package dev.tenon.op.reduce;

import dev.tenon.op.Attributes;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;

/**
 * The sum of absolute values; 0 without elements. Integers wrap around.
 *
 * @param keepdims whether reduced axes are kept, with dimension 1
 * @param noopWithEmptyAxes whether a missing or empty list of axes stands for none instead of all
 */
public record ReduceL1(boolean keepdims, boolean noopWithEmptyAxes) implements Reduction {
    /** Inputs data and optionally axes, output reduced. */
    public static final OpSchema SCHEMA = Reduction.schema("ReduceL1", NUMBERS).numerics(Numerics.sum(32));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is no integer
     */
    public static ReduceL1 of(Attributes a) {
        return new ReduceL1(a.flag("keepdims", true), a.flag("noop_with_empty_axes", false));
    }

    @Override
    public Kind kind() {
        return Kind.L1;
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double reduceReals(Group group) {
        double result = 0;
        for (long i = 0; i < group.size(); i++) {
            result += Math.abs(group.real(i));
        }
        return result;
    }

    @Override
    public long reduceIntegers(Group group) {
        long result = 0;
        for (long i = 0; i < group.size(); i++) {
            result += group.unsigned() ? group.integer(i) : Math.abs(group.integer(i));
        }
        return result;
    }
}
