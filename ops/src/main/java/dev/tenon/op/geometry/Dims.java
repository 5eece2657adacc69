package dev.tenon.op.geometry;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.InvalidTensorException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.op.InferContext;
import dev.tenon.tensor.Dim;
import java.util.function.Supplier;

/** Dimensions that may be known at run time only. */
public final class Dims {
    private Dims() {}

    /**
     * Whether it is known that two dimensions are not equal.
     *
     * @param a a dimension
     * @param b another one
     * @return whether both are known, and differ
     */
    public static boolean differ(Dim a, Dim b) {
        return a.isKnown() && b.isKnown() && a.value() != b.value();
    }

    /**
     * A computed dimension.
     *
     * @param c the operands of the node
     * @param expression computes it
     * @return the dimension; a fresh one if the expression would exceed the limit of its size
     * @throws InvalidOperandException if the result is no dimension
     */
    public static Dim compute(InferContext c, Supplier<Dim> expression) {
        try {
            return expression.get();
        } catch (ResourceLimitException e) {
            return c.freshDim();
        } catch (InvalidTensorException e) {
            throw error(c, e);
        }
    }

    /**
     * The error of a dimension or shape as an error of a node.
     *
     * @param c the operands of the node
     * @param e the error
     * @return the exception, to be thrown by the caller
     */
    public static InvalidOperandException error(InferContext c, InvalidTensorException e) {
        return c.error(e.thing() + ": " + e.found(), e.allowed(), e.cure());
    }
}
