package dev.tenon.kernel.scalar.copy;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.copy.GatherProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Takes rows by index: long ones by bulk copies, those of one element by a load and a store. Where several tables are read,
 * the places that the indices name are looked up once for all of them.
 *
 * <p>What bounds rows of up to some dozen bytes is not the memory: each takes an address of its own, and its bounds are
 * checked, which takes as long as moving some 50 bytes.
 */
public final class ScalarGather implements Kernel {
    private static final ValueLayout.OfInt B4 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong B8 = ValueLayout.JAVA_LONG_UNALIGNED;

    private static final long BULK_BYTES = 64;
    private static final long PART_BYTES = 64 << 10;
    private static final long SHORTEST_ROW = 8;
    private static final long MAX_PARTS = 1 << 20;

    /** The most offsets that are kept: the second-level cache holds them. */
    private static final long MOST_AT_ONCE = 16 << 10;

    /** Offsets of a block: the first-level cache holds them. */
    private static final long BLOCK = 1 << 10;

    private final long rowBytes;
    private final long tableRows;
    private final long count;
    private final boolean wide;
    private final long rows;
    private final long rowsPerPart;

    /** Whether all offsets are looked up at once, as more than one table needs them; else a block of them at a time. */
    private final boolean once;

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
        this.once = p.outer() > 1 && count <= Math.min(rowsPerPart, MOST_AT_ONCE);
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
    public long scratchBytes() {
        return (once ? count : Math.min(count, BLOCK)) * Long.BYTES;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment data = operands[0];
        MemorySegment indices = operands[1];
        MemorySegment out = operands[2];
        if (once) {
            place(indices, 0, (int) count, scratch);
        }
        long last = Math.min(rows, to * rowsPerPart);
        long row = from * rowsPerPart;
        while (row < last) {
            long k = row % count;
            int some = (int) Math.min(Math.min(count - k, last - row), once ? count : BLOCK);
            if (!once) {
                place(indices, k, some, scratch);
            }
            long table = row / count * tableRows * rowBytes;
            take(data, table, scratch, once ? k * Long.BYTES : 0, out, row * rowBytes, some);
            row += some;
        }
    }

    /** Writes down where the rows lie in a table that some indices name, from the k-th on. */
    private void place(MemorySegment indices, long k, int count, MemorySegment offsets) {
        for (int r = 0; r < count; r++) {
            long index = wide ? indices.get(B8, (k + r) * 8) : indices.get(B4, (k + r) * 4);
            offsets.set(B8, r * 8L, GatherProblem.place(index, tableRows) * rowBytes);
        }
    }

    /** Rows of one table. */
    private void take(
            MemorySegment data, long table, MemorySegment offsets, long at, MemorySegment out, long o, int n) {
        if (rowBytes >= BULK_BYTES) {
            for (int r = 0; r < n; r++) {
                MemorySegment.copy(data, table + offsets.get(B8, at + r * 8L), out, o + r * rowBytes, rowBytes);
            }
        } else if (rowBytes > 0) {
            ShortCopies.rows(data, table, offsets, at, out, o, (int) rowBytes, n);
        }
    }
}
