package dev.tenon.op.reduce;

import dev.tenon.op.Attributes;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;

/**
 * The logarithm of the sum; negative infinity without elements. For integers it is truncated.
 *
 * @param keepdims whether reduced axes are kept, with dimension 1
 * @param noopWithEmptyAxes whether a missing or empty list of axes stands for none instead of all
 */
public record ReduceLogSum(boolean keepdims, boolean noopWithEmptyAxes) implements Reduction {
    /** Inputs data and optionally axes, output reduced. */
    public static final OpSchema SCHEMA =
            Reduction.schema("ReduceLogSum", NUMBERS).numerics(new Numerics(4, 32, 1));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is no integer
     */
    public static ReduceLogSum of(Attributes a) {
        return new ReduceLogSum(a.flag("keepdims", true), a.flag("noop_with_empty_axes", false));
    }

    @Override
    public Kind kind() {
        return Kind.LOG_SUM;
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double reduceReals(Group group) {
        double result = 0;
        for (long i = 0; i < group.size(); i++) {
            result += group.real(i);
        }
        return Math.log(result);
    }

    @Override
    public long reduceIntegers(Group group) {
        long result = 0;
        for (long i = 0; i < group.size(); i++) {
            result += group.integer(i);
        }
        return Logarithms.truncate(Math.log((double) result), group);
    }
}
