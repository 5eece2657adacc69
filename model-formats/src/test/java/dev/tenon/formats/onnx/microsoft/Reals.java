package dev.tenon.formats.onnx.microsoft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;

/** Tensors of a few float32 numbers. */
final class Reals {
    private Reals() {}

    /** A tensor whose first elements are given; the others are 0. */
    static Tensor floats(long[] dims, double... values) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (int i = 0; i < values.length; i++) {
            t.setDouble(i, values[i]);
        }
        return t;
    }

    /** Checks all elements of a tensor. */
    static void close(Tensor actual, double... expected) {
        assertThat(actual.size()).isEqualTo(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual.getDouble(i)).as("element %d", i).isCloseTo(expected[i], within(1e-5));
        }
    }
}
