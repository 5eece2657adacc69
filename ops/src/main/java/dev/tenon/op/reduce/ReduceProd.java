package dev.tenon.op.reduce;

import dev.tenon.op.Attributes;
import dev.tenon.op.OpSchema;
import dev.tenon.tensor.Dim;

/**
 * The product; 1 without elements. Integers wrap around.
 *
 * @param keepdims whether reduced axes are kept, with dimension 1
 * @param noopWithEmptyAxes whether a missing or empty list of axes stands for none instead of all
 */
public record ReduceProd(boolean keepdims, boolean noopWithEmptyAxes) implements Reduction {
    /** Inputs data and optionally axes, output reduced. */
    public static final OpSchema SCHEMA =
            Reduction.schema("ReduceProd", NUMBERS).ulps(64);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is no integer
     */
    public static ReduceProd of(Attributes a) {
        return new ReduceProd(a.flag("keepdims", true), a.flag("noop_with_empty_axes", false));
    }

    @Override
    public Kind kind() {
        return Kind.PROD;
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public double reduceReals(Group group) {
        double result = 1;
        for (long i = 0; i < group.size(); i++) {
            result *= group.real(i);
        }
        return result;
    }

    @Override
    public long reduceIntegers(Group group) {
        long result = 1;
        for (long i = 0; i < group.size(); i++) {
            result *= group.integer(i);
        }
        return result;
    }

    @Override
    public Dim reduceSymbols(Dim a, Dim b) {
        return a.times(b);
    }
}
