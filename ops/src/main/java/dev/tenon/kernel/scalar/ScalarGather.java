package dev.tenon.kernel.scalar;

import dev.tenon.kernel.GatherProblem;
import dev.tenon.kernel.Kernel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Takes rows by index: long ones by bulk copies, those of one element by a load and a store. */
public final class ScalarGather implements Kernel {
    private static final ValueLayout.OfByte B1 = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort B2 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt B4 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong B8 = ValueLayout.JAVA_LONG_UNALIGNED;

    private static final long BULK_BYTES = 64;
    private static final long PART_BYTES = 64 << 10;
    private static final long SHORTEST_ROW = 8;
    private static final long MAX_PARTS = 1 << 20;

    private final long rowBytes;
    private final long tableRows;
    private final long count;
    private final boolean wide;
    private final long rows;
    private final long rowsPerPart;

    /**
     * A kernel.
     *
     * @param p what to take; operands are the data, the indices, the output
     */
    public ScalarGather(GatherProblem p) {
        this.rowBytes = p.rowBytes();
        this.tableRows = p.tableRows();
        this.count = p.count();
        this.wide = p.indexBytes() == Long.BYTES;
        this.rows = rowBytes == 0 ? p.count() : p.outer() * p.count();
        long few = Math.max(1, PART_BYTES / Math.max(rowBytes, SHORTEST_ROW));
        this.rowsPerPart = Math.max(few, Math.ceilDiv(rows, MAX_PARTS));
    }

    @Override
    public String id() {
        return "gather_scalar";
    }

    @Override
    public int parts() {
        return (int) Math.max(1, Math.ceilDiv(rows, rowsPerPart));
    }

    @Override
    public long partNanos() {
        return Math.min(rows, rowsPerPart) * (2 + rowBytes / 32);
    }

    @Override
    public boolean copiesOnly(int input) {
        return input == 0 && rowBytes >= BULK_BYTES;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment data = operands[0];
        MemorySegment indices = operands[1];
        MemorySegment out = operands[2];
        long last = Math.min(rows, to * rowsPerPart);
        long row = from * rowsPerPart;
        while (row < last) {
            long k = row % count;
            int some = (int) Math.min(Math.min(count - k, last - row), Integer.MAX_VALUE);
            rows(data, row / count * tableRows * rowBytes, indices, k, out, row * rowBytes, some);
            row += some;
        }
    }

    /** Rows of one table, for neighbouring indices from the k-th on. */
    private void rows(MemorySegment data, long table, MemorySegment indices, long k, MemorySegment out, long o, int n) {
        for (int r = 0; r < n; r++) {
            long index = wide ? indices.get(B8, (k + r) * 8) : indices.get(B4, (k + r) * 4);
            copy(data, table + GatherProblem.place(index, tableRows) * rowBytes, out, o + r * rowBytes);
        }
    }

    private void copy(MemorySegment data, long i, MemorySegment out, long o) {
        if (rowBytes >= BULK_BYTES) {
            MemorySegment.copy(data, i, out, o, rowBytes);
        } else if (rowBytes == 4) {
            out.set(B4, o, data.get(B4, i));
        } else if (rowBytes == 8) {
            out.set(B8, o, data.get(B8, i));
        } else {
            shortRow(data, i, out, o, (int) rowBytes);
        }
    }

    private static void shortRow(MemorySegment data, long i, MemorySegment out, long o, int bytes) {
        int at = 0;
        for (; at + 8 <= bytes; at += 8) {
            out.set(B8, o + at, data.get(B8, i + at));
        }
        for (; at + 2 <= bytes; at += 2) {
            out.set(B2, o + at, data.get(B2, i + at));
        }
        if (at < bytes) {
            out.set(B1, o + at, data.get(B1, i + at));
        }
    }
}
