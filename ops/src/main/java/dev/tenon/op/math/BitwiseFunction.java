package dev.tenon.op.math;


/** An element-wise operator on pairs of integers of one element type. */
public interface BitwiseFunction extends BinaryFunction {
    /**
     * There is none: the schema admits integers only.
     *
     * @param a ignored
     * @param b ignored
     * @return never
     * @throws UnsupportedOperationException always
     */
    @Override
    default double at(double a, double b) {
        throw new UnsupportedOperationException(schema() + " takes integers");
    }
}
