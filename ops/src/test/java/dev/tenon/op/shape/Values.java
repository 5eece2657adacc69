package dev.tenon.op.shape;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;

/** Short functions for operands in cases. */
final class Values {
    private static final int PERIOD = 113;

    private Values() {}

    /** A tensor whose elements count up from 1, and start again after the greatest value of the type. */
    static Tensor ramp(DType dtype, long... dims) {
        Tensor t = Tensor.allocate(dtype, dims);
        for (long i = 0; i < t.size(); i++) {
            long value = i % PERIOD + 1;
            switch (dtype) {
                case STRING -> t.setString(i, "s" + value);
                case BOOL -> t.setBoolean(i, i % 3 == 0);
                case COMPLEX64, COMPLEX128 -> t.setComplex(i, (double) value, (double) -value);
                default -> t.setLong(i, value);
            }
        }
        return t;
    }

    static Tensor f32(long[] dims, float... values) {
        return Tensor.of(values, dims);
    }

    /** A vector. */
    static Tensor f32(float... values) {
        return Tensor.of(values);
    }

    /** A vector. */
    static Tensor i64(long... values) {
        return Tensor.of(values);
    }

    static Tensor i64s(long[] dims, long... values) {
        return Tensor.of(values, dims);
    }

    /** A vector. */
    static Tensor i32(int... values) {
        return Tensor.of(values);
    }

    /** A vector. */
    static Tensor bools(boolean... values) {
        return Tensor.of(values);
    }

    /** A vector. */
    static Tensor text(String... values) {
        return Tensor.of(values);
    }
}
