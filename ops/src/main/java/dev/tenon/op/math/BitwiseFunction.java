package dev.tenon.op.math;

/** An element-wise operator on pairs of integers of one element type. */
public interface BitwiseFunction extends BinaryFunction {
    /**
     * Not defined: the schema takes integers alone.
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
