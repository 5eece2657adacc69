package dev.tenon.kernel.elementwise;

import dev.tenon.kernel.MemoryMoves;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * The broadcast of a problem in its simplest form: dimensions of 1 dropped, and neighbouring dimensions made one where
 * every operand walks through both in equal steps. What is left is a row-major grid of the result, whose innermost
 * dimension each operand follows contiguously or not at all.
 */
public final class BroadcastGrid {
    private final long[] dims;
    private final long[][] strides;
    private final long size;

    private BroadcastGrid(long[] dims, long[][] strides, long size) {
        this.dims = dims;
        this.strides = strides;
        this.size = size;
    }

    /** The grid of operands, those left out taken as single elements. */
    public static BroadcastGrid of(List<TensorType> inputs, TensorType output) {
        long[] out = output.shape().toArray();
        long[][] steps = new long[inputs.size()][];
        for (int k = 0; k < steps.length; k++) {
            long[] own =
                    inputs.get(k) == null ? new long[0] : inputs.get(k).shape().toArray();
            steps[k] = strides(own, out.length);
        }
        return collapse(out, steps, output.shape().knownElements());
    }

    /** The steps of an operand along the dimensions of the result, 0 where it is repeated. */
    private static long[] strides(long[] own, int rank) {
        long[] steps = new long[rank];
        long step = 1;
        for (int d = 1; d <= Math.min(own.length, rank); d++) {
            long dim = own[own.length - d];
            steps[rank - d] = dim == 1 ? 0 : step;
            step *= dim;
        }
        return steps;
    }

    private static BroadcastGrid collapse(long[] out, long[][] steps, long size) {
        long[] dims = new long[out.length + 1];
        long[][] strides = new long[steps.length][out.length + 1];
        int rank = 0;
        for (int d = 0; d < out.length; d++) {
            if (out[d] == 1) {
                continue;
            }
            boolean joins = rank > 0;
            for (int k = 0; k < steps.length && joins; k++) {
                joins = strides[k][rank - 1] == steps[k][d] * out[d];
            }
            if (!joins) {
                dims[rank++] = 1;
            }
            dims[rank - 1] *= out[d];
            for (int k = 0; k < steps.length; k++) {
                strides[k][rank - 1] = steps[k][d];
            }
        }
        if (rank == 0) {
            dims[rank++] = 1;
        }
        long[][] kept = new long[steps.length][];
        for (int k = 0; k < kept.length; k++) {
            kept[k] = Arrays.copyOf(strides[k], rank);
        }
        return new BroadcastGrid(Arrays.copyOf(dims, rank), kept, size);
    }

    /** The number of elements of the result. */
    public long size() {
        return size;
    }

    /** The length of the innermost dimension. */
    public long inner() {
        return dims[dims.length - 1];
    }

    /** Whether an operand follows the innermost dimension: 1 if contiguously, 0 if one element is repeated. */
    public int innerStep(int operand) {
        return (int) strides[operand][dims.length - 1];
    }

    /** Whether an operand has one element for the whole grid. */
    public boolean isSingle(int operand) {
        for (int d = 0; d < dims.length; d++) {
            if (strides[operand][d] != 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether an operand is one row of the innermost dimension, repeated for all. */
    public boolean isRow(int operand) {
        for (int d = 0; d < dims.length - 1; d++) {
            if (strides[operand][d] != 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether the elements of an operand are those of the result, in the same order. */
    public boolean isDense(int operand) {
        return size == 1 || matchesResult(operand);
    }

    private boolean matchesResult(int operand) {
        long step = 1;
        for (int d = dims.length - 1; d >= 0; d--) {
            if (strides[operand][d] != step) {
                return false;
            }
            step *= dims[d];
        }
        return true;
    }

    /** The element at which an operand stands at the start of a run of the innermost dimension. */
    long offset(int operand, long run) {
        long[] steps = strides[operand];
        int outer = dims.length - 2;
        if (outer < 0) {
            return 0;
        }
        long rest = run;
        long offset = 0;
        for (int d = outer; d > 0; d--) {
            long next = rest / dims[d];
            offset += (rest - next * dims[d]) * steps[d];
            rest = next;
        }
        return offset + rest * steps[0];
    }

    /**
     * Writes the elements that an operand has for neighbouring elements of the result side by side.
     *
     * @param operand the operand's index in the grid
     * @param from its memory
     * @param width the bytes of an element
     * @param at the first element of the result
     * @param n the number of elements, which may reach behind the last row of the result, where rows go on as before
     * @param to where they are written
     * @param target the byte offset of the first
     */
    void spread(int operand, MemorySegment from, int width, long at, int n, MemorySegment to, long target) {
        long row = inner();
        int inRow = innerStep(operand);
        long run = at / row;
        long within = at - run * row;
        long place = target;
        for (long done = 0; done < n; run++) {
            long length = Math.min(row - within, n - done);
            long source = (offset(operand, run) + within * inRow) * width;
            if (inRow == 0) {
                MemoryMoves.fill(from, source, to, place, (int) length, width);
            } else {
                MemoryMoves.copy(from, source, to, place, length * width);
            }
            if (length == row) {
                long more = Math.min(repeats(operand, run), (n - done) / row - 1);
                repeat(to, place, row * width, more);
                run += more;
                length += more * row;
            }
            place += length * width;
            done += length;
            within = 0;
        }
    }

    /** How many runs behind one an operand stands still for. */
    private long repeats(int operand, long run) {
        int outer = dims.length - 2;
        return outer < 0 || strides[operand][outer] != 0 ? 0 : dims[outer] - 1 - run % dims[outer];
    }

    /** Repeats bytes behind themselves, twice as many at a time as the time before. */
    private static void repeat(MemorySegment to, long at, long bytes, long times) {
        long all = bytes * (times + 1);
        for (long there = bytes; there < all; ) {
            long more = Math.min(there, all - there);
            MemorySegment.copy(to, at, to, at + there, more);
            there += more;
        }
    }
}
