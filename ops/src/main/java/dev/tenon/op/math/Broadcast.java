package dev.tenon.op.math;

import dev.tenon.error.InvalidTensorException;
import dev.tenon.op.InferContext;
import dev.tenon.op.Operands;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;

/**
 * Broadcasting by the rules of NumPy: the shape of the result, and an iteration over its elements in row-major order
 * that knows the flat index of each operand's element.
 */
final class Broadcast {
    private final long[] dims;
    private final long[][] strides;
    private final long[] index;
    private final long[] offsets;

    private Broadcast(long[] dims, long[][] strides) {
        this.dims = dims;
        this.strides = strides;
        this.index = new long[dims.length];
        this.offsets = new long[strides.length];
    }

    /** The shape of the result. */
    static Shape shape(InferContext c) {
        Shape shape = null;
        for (int i = 0; i < Math.max(1, c.inputCount()); i++) {
            if (!c.has(i)) {
                throw c.error("input " + i + " is missing", "one operand or more, none left out", null);
            }
            shape = i == 0 ? c.shape(0) : join(c, shape, c.shape(i));
        }
        return shape;
    }

    private static Shape join(InferContext c, Shape a, Shape b) {
        try {
            return Shape.broadcast(a, b);
        } catch (InvalidTensorException e) {
            throw c.error(
                    "operands of shapes " + a + " and " + b,
                    "shapes that broadcast: from the end, equal dimensions, or one of them 1",
                    null);
        }
    }

    /** Allocates the result. */
    static Tensor allocate(Operands in) {
        TensorType type = (TensorType) in.inferOutputs().get(0);
        return Tensor.allocate(type.dtype(), type.shape().toArray());
    }

    /** An iteration at the first element. */
    static Broadcast of(Operands in, Tensor result) {
        long[][] strides = new long[in.count()][];
        for (int k = 0; k < strides.length; k++) {
            strides[k] = strides(in.tensor(k).dims(), result.rank());
        }
        return new Broadcast(result.dims(), strides);
    }

    /** The steps of an operand along the axes of the result; 0 where it is repeated. */
    private static long[] strides(long[] operand, int rank) {
        long[] steps = new long[rank];
        long step = 1;
        for (int i = operand.length - 1; i >= 0; i--) {
            steps[rank - operand.length + i] = operand[i] == 1 ? 0 : step;
            step *= operand[i];
        }
        return steps;
    }

    /** The flat index of an operand's element. */
    long offset(int operand) {
        return offsets[operand];
    }

    /** Goes to the next element. */
    void next() {
        for (int d = dims.length - 1; d >= 0; d--) {
            index[d]++;
            boolean carry = index[d] == dims[d];
            for (int k = 0; k < strides.length; k++) {
                offsets[k] += carry ? -strides[k][d] * (dims[d] - 1) : strides[k][d];
            }
            if (!carry) {
                return;
            }
            index[d] = 0;
        }
    }
}
