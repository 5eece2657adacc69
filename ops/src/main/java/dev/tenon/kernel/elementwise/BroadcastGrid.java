package dev.tenon.kernel.elementwise;

import dev.tenon.kernel.MemoryMoves;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * The broadcast of a problem, with as few dimensions as possible. Dimensions of 1 are dropped, and neighbouring dimensions
 * are merged if one stride covers both for every operand. The result is a row-major grid. Along its innermost dimension each
 * operand is contiguous or repeats one element. A row of the grid is a run along the innermost dimension.
 */
public final class BroadcastGrid {
    private final long[] dims;
    private final long[][] strides;
    private final long size;

    /** The elements of the result after which those of an operand come again, by the operand; the size if they do not. */
    private final long[] periods;

    private BroadcastGrid(long[] dims, long[][] strides, long size) {
        this.dims = dims;
        this.strides = strides;
        this.size = size;
        this.periods = new long[strides.length];
        for (int k = 0; k < periods.length; k++) {
            periods[k] = size;
            for (int d = 0; d < dims.length - 1 && strides[k][d] == 0 && dims[d] > 0; d++) {
                periods[k] /= dims[d];
            }
        }
    }

    /**
     * The grid of some operands.
     *
     * @param inputs the types of the operands; null, for an operand that is left out, counts as a scalar
     * @param output the type of the result
     * @return the grid
     */
    public static BroadcastGrid of(List<TensorType> inputs, TensorType output) {
        long[] out = output.shape().toArray();
        long[][] full = new long[inputs.size()][];
        for (int k = 0; k < full.length; k++) {
            long[] own =
                    inputs.get(k) == null ? new long[0] : inputs.get(k).shape().toArray();
            full[k] = strides(own, out.length);
        }
        return collapse(out, full, output.shape().knownElements());
    }

    /** The strides of an operand along the dimensions of the result, 0 where it is repeated. */
    private static long[] strides(long[] own, int rank) {
        long[] strides = new long[rank];
        long stride = 1;
        for (int d = 1; d <= Math.min(own.length, rank); d++) {
            long dim = own[own.length - d];
            strides[rank - d] = dim == 1 ? 0 : stride;
            stride *= dim;
        }
        return strides;
    }

    private static BroadcastGrid collapse(long[] out, long[][] full, long size) {
        long[] dims = new long[out.length + 1];
        long[][] strides = new long[full.length][out.length + 1];
        int rank = 0;
        for (int d = 0; d < out.length; d++) {
            if (out[d] == 1) {
                continue;
            }
            boolean merges = rank > 0;
            for (int k = 0; k < full.length && merges; k++) {
                merges = strides[k][rank - 1] == full[k][d] * out[d];
            }
            if (!merges) {
                dims[rank++] = 1;
            }
            dims[rank - 1] *= out[d];
            for (int k = 0; k < full.length; k++) {
                strides[k][rank - 1] = full[k][d];
            }
        }
        if (rank == 0) {
            dims[rank++] = 1;
        }
        long[][] merged = new long[full.length][];
        for (int k = 0; k < merged.length; k++) {
            merged[k] = Arrays.copyOf(strides[k], rank);
        }
        return new BroadcastGrid(Arrays.copyOf(dims, rank), merged, size);
    }

    /** {@return the number of elements of the result} */
    public long size() {
        return size;
    }

    /** {@return the length of the innermost dimension} */
    public long inner() {
        return dims[dims.length - 1];
    }

    /**
     * The stride of an operand along the innermost dimension.
     *
     * @param operand the operand's index in the grid
     * @return 1 if it is contiguous, 0 if one element is repeated
     */
    public int innerStep(int operand) {
        return (int) strides[operand][dims.length - 1];
    }

    /**
     * Whether an operand has one element for the whole grid.
     *
     * @param operand the operand's index in the grid
     * @return true if it has
     */
    public boolean isScalar(int operand) {
        for (int d = 0; d < dims.length; d++) {
            if (strides[operand][d] != 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether an operand is the same for all rows.
     *
     * @param operand the operand's index in the grid
     * @return true if it is one row, or one element
     */
    public boolean isRow(int operand) {
        for (int d = 0; d < dims.length - 1; d++) {
            if (strides[operand][d] != 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether an operand has one element for each element of the result, in the same order.
     *
     * @param operand the operand's index in the grid
     * @return true if it has
     */
    public boolean isDense(int operand) {
        return size == 1 || matchesResult(operand);
    }

    private boolean matchesResult(int operand) {
        long stride = 1;
        for (int d = dims.length - 1; d >= 0; d--) {
            if (strides[operand][d] != stride) {
                return false;
            }
            stride *= dims[d];
        }
        return true;
    }

    /** The element of an operand at the start of a row of the grid. */
    long offset(int operand, long row) {
        long[] steps = strides[operand];
        int outer = dims.length - 2;
        if (outer < 0) {
            return 0;
        }
        long rest = row;
        long offset = 0;
        for (int d = outer; d > 0; d--) {
            long next = rest / dims[d];
            offset += (rest - next * dims[d]) * steps[d];
            rest = next;
        }
        return offset + rest * steps[0];
    }

    /**
     * Broadcasts a part of an operand: writes its element for each of some neighbouring elements of the result.
     *
     * @param operand the operand's index in the grid
     * @param from the memory of the operand
     * @param width the size of an element, bytes
     * @param at the first element of the result
     * @param n the number of elements. It may reach past the last row of the result; an operand that is the same for all rows
     *     then goes on repeating
     * @param to the target
     * @param target the offset of the first element written, bytes
     */
    void expand(int operand, MemorySegment from, int width, long at, int n, MemorySegment to, long target) {
        long period = periods[operand];
        if (period > 0 && period <= n / 2) {
            expandRows(operand, from, width, at, (int) period, to, target);
            repeat(to, target, period * width, (long) n * width);
        } else {
            expandRows(operand, from, width, at, n, to, target);
        }
    }

    private void expandRows(int operand, MemorySegment from, int width, long at, int n, MemorySegment to, long target) {
        long rowLength = inner();
        int step = innerStep(operand);
        long row = at / rowLength;
        long within = at - row * rowLength;
        long toAt = target;
        for (long done = 0; done < n; row++) {
            long length = Math.min(rowLength - within, n - done);
            long source = (offset(operand, row) + within * step) * width;
            if (step == 0) {
                MemoryMoves.fill(from, source, to, toAt, (int) length, width);
            } else {
                MemoryMoves.copy(from, source, to, toAt, length * width);
            }
            if (length == rowLength) {
                long more = Math.min(equalRowsAfter(operand, row), (n - done) / rowLength - 1);
                repeat(to, toAt, rowLength * width, rowLength * width * (more + 1));
                row += more;
                length += more * rowLength;
            }
            toAt += length * width;
            done += length;
            within = 0;
        }
    }

    /** The number of rows after a row for which an operand has the same elements. */
    private long equalRowsAfter(int operand, long row) {
        int outer = dims.length - 2;
        return outer < 0 || strides[operand][outer] != 0 ? 0 : dims[outer] - 1 - row % dims[outer];
    }

    /** Repeats some bytes until there are {@code all}. Each copy takes all bytes written so far, so that their number doubles. */
    private static void repeat(MemorySegment to, long at, long bytes, long all) {
        for (long written = bytes; written < all; ) {
            long more = Math.min(written, all - written);
            MemoryMoves.copy(to, at, to, at + written, more);
            written += more;
        }
    }
}
