package dev.tenon.op.reduce;

import dev.tenon.op.Attributes;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpSchema;

/**
 * The logarithm of the sum of exponentials, without overflow: {@code max + log(sum(exp(x - max)))}; negative infinity
 * without elements. For integers it is truncated.
 *
 * @param keepdims whether reduced axes are kept, with dimension 1
 * @param noopWithEmptyAxes whether a missing or empty list of axes stands for none instead of all
 */
public record ReduceLogSumExp(boolean keepdims, boolean noopWithEmptyAxes) implements Reduction {
    /** Inputs data and optionally axes, output reduced. */
    public static final OpSchema SCHEMA =
            Reduction.schema("ReduceLogSumExp", NUMBERS).numerics(new Numerics(4, 32, 1));

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is no integer
     */
    public static ReduceLogSumExp of(Attributes a) {
        return new ReduceLogSumExp(a.flag("keepdims", true), a.flag("noop_with_empty_axes", false));
    }

    @Override
    public Kind kind() {
        return Kind.LOG_SUM_EXP;
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double reduceReals(Group group) {
        return Logarithms.ofSumOfExp(group, false);
    }

    @Override
    public long reduceIntegers(Group group) {
        return Logarithms.truncate(Logarithms.ofSumOfExp(group, true), group);
    }
}
