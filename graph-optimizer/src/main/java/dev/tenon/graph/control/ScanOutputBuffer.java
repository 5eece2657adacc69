package dev.tenon.graph.control;

import dev.tenon.op.Operands;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;

/**
 * Collects the elements of one scan output of a loop. They have the same shape and are stored one after the other, in
 * memory that doubles when it is full, so that a loop of many short iterations does not keep one tensor for each.
 */
final class ScanOutputBuffer {
    private final String what;
    private final long most;
    private TensorType type;
    private Tensor rows;
    private long count;

    /**
     * An empty buffer.
     *
     * @param what the name of the output, for errors
     * @param most the largest number of elements that will be added
     */
    ScanOutputBuffer(String what, long most) {
        this.what = what;
        this.most = most;
    }

    /** Adds the element of one iteration. */
    void add(Operands in, Tensor t) {
        if (rows == null) {
            type = t.type();
            rows = Tensor.allocate(type.dtype(), with(1, 0));
        } else if (!t.shape().equals(type.shape())) {
            throw in.error(
                    what + " is " + type + " first and " + t.type() + " in iteration " + count, "one shape", null);
        }
        if (count == rows.dim(0)) {
            rows = resized(count > most / 2 ? most : 2 * count);
        }
        copy(t, t.size(), rows, count * t.size());
        count++;
    }

    /**
     * Stacks the elements along a new axis.
     *
     * @param in the operands, for errors
     * @param axis the axis in the result, in [-r-1, r] for elements of rank r
     * @param reversed whether the last element comes first
     * @param absent gives the type of an element if there are none
     * @return the result
     */
    Tensor along(Operands in, long axis, boolean reversed, Supplier<TensorType> absent) {
        if (rows == null) {
            type = absent.get();
            rows = Tensor.allocate(type.dtype(), with(0, 0));
        }
        int at = in.axis(axis, type.shape().rank() + 1, what);
        Tensor exact = count == rows.dim(0) ? rows : resized(count);
        if (at == 0 && !reversed) {
            return exact;
        }
        Tensor all = Tensor.allocate(type.dtype(), with(count, at));
        long inner = 1;
        for (int i = at + 1; i < all.rank(); i++) {
            inner *= all.dim(i);
        }
        long size = size();
        for (long k = 0; k < count; k++) {
            long from = (reversed ? count - 1 - k : k) * size;
            for (long e = 0; e < size; e++) {
                exact.copyElementTo(from + e, all, (e / inner * count + k) * inner + e % inner);
            }
        }
        return all;
    }

    /** The dimensions of a number of elements that are stacked along an axis. */
    private long[] with(long n, int axis) {
        long[] one = type.shape().toArray();
        long[] dims = new long[one.length + 1];
        System.arraycopy(one, 0, dims, 0, axis);
        dims[axis] = n;
        System.arraycopy(one, axis, dims, axis + 1, one.length - axis);
        return dims;
    }

    /** The number of numbers in an element. */
    private long size() {
        return type.shape().knownElements();
    }

    private Tensor resized(long n) {
        Tensor other = Tensor.allocate(type.dtype(), with(n, 0));
        copy(rows, count * size(), other, 0);
        return other;
    }

    private static void copy(Tensor t, long size, Tensor to, long at) {
        if (t.dtype() == DType.STRING || t.dtype().isSubByte()) {
            for (long e = 0; e < size; e++) {
                t.copyElementTo(e, to, at + e);
            }
        } else {
            MemorySegment.copy(
                    t.segment(),
                    0,
                    to.segment(),
                    t.dtype().byteSize(at),
                    t.dtype().byteSize(size));
        }
    }
}
