package dev.tenon.kernel.scalar.copy;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.MemoryMoves;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.copy.OneHotProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** OneHot: writes the off value to all places of a block, then the on values. */
public final class ScalarOneHot implements Kernel {
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final int PART_BYTES = 128 << 10;
    private static final int BLOCK_BYTES = 16 << 10;
    private static final int BYTES_PER_NANO = 32;

    private final OneHotProblem p;
    private final RowPartition partition;

    /** The outer indices of a block, whose results stay in the first-level cache. */
    private final long blockRows;

    /**
     * A kernel.
     *
     * @param p the problem. The operands are the indices, the depth, the values off and on, and the result
     */
    public ScalarOneHot(OneHotProblem p) {
        this.p = p;
        long rowBytes = p.depth() * p.inner() * p.width();
        this.partition = RowPartition.of(p.outer(), rowBytes, PART_BYTES);
        this.blockRows = Math.max(1, BLOCK_BYTES / Math.max(1, rowBytes));
    }

    @Override
    public String id() {
        return "one_hot_scalar";
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return 1 + partition.maxPartRows() * p.inner() * (2 + p.depth() * p.width() / BYTES_PER_NANO);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment values = operands[2];
        MemorySegment y = operands[3];
        long row = p.depth() * p.inner();
        long last = partition.start(to);
        for (long first = partition.start(from); first < last; first += blockRows) {
            long rows = Math.min(blockRows, last - first);
            MemoryMoves.fill(values, 0, y, first * row * p.width(), (int) (rows * row), p.width());
            for (long o = first; o < first + rows; o++) {
                for (long i = 0; i < p.inner(); i++) {
                    long index = index(operands[0], o * p.inner() + i);
                    long place = index < 0 ? index + p.depth() : index;
                    if (place >= 0 && place < p.depth()) {
                        write(values, y, o * row + place * p.inner() + i);
                    }
                }
            }
        }
    }

    private long index(MemorySegment indices, long i) {
        return switch (p.indices()) {
            case INT64 -> indices.get(I64, i * Long.BYTES);
            case INT32 -> indices.get(I32, i * Integer.BYTES);
            default -> (long) indices.get(F32, i * Float.BYTES);
        };
    }

    private void write(MemorySegment values, MemorySegment y, long at) {
        switch (p.width()) {
            case 1 -> y.set(ValueLayout.JAVA_BYTE, at, values.get(ValueLayout.JAVA_BYTE, 1));
            case 2 -> y.set(ValueLayout.JAVA_SHORT, at * 2, values.get(ValueLayout.JAVA_SHORT, 2));
            case 4 -> y.set(I32, at * 4, values.get(I32, 4));
            default -> y.set(I64, at * 8, values.get(I64, 8));
        }
    }
}
