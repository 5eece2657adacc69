package dev.tenon.kernel.scalar.copy;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.copy.GatherProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Gathers rows by index: long rows by bulk copies, short ones by loads and stores. A run first computes the offsets of rows
 * from indices, then copies the rows. If there are several tables, the offsets serve all of them.
 *
 * <p>Rows of up to a few dozen bytes are limited by the addresses and bounds checks of each row, not by memory.
 */
public final class ScalarGather implements Kernel {
    private static final ValueLayout.OfInt B4 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong B8 = ValueLayout.JAVA_LONG_UNALIGNED;

    private static final long BULK_BYTES = 64;
    private static final long PART_BYTES = 64 << 10;
    private static final long MIN_ROW_BYTES = 8;
    private static final long MAX_PARTS = 1 << 20;

    /** The maximum number of offsets that are computed at once: the second-level cache holds them. */
    private static final long MAX_OFFSETS = 16 << 10;

    /** The number of offsets of a block: the first-level cache holds them. */
    private static final long BLOCK_OFFSETS = 1 << 10;

    /** The most columns that are copied one by one, and the rows of a block that stays in the first-level cache. */
    private static final int MAX_COLUMNS = 64;

    private static final int BLOCK_TABLES = 64;

    private final GatherProblem p;
    private final long rowBytes;
    private final long tableRows;
    private final long count;
    private final boolean wide;
    private final long rows;
    private final long rowsPerPart;

    /** Whether all offsets are computed at once, because several tables need them; otherwise a block at a time. */
    private final boolean allAtOnce;

    /** Whether each index takes a column of a matrix, whose elements are copied one column after the other. */
    private final boolean columns;

    /**
     * A kernel.
     *
     * @param p the problem. The operands are the data, the indices and the output
     */
    public ScalarGather(GatherProblem p) {
        this.p = p;
        this.rowBytes = p.rowBytes();
        this.tableRows = p.tableRows();
        this.count = p.count();
        this.wide = p.indexBytes() == Long.BYTES;
        this.rows = rowBytes == 0 ? p.count() : p.outer() * p.count();
        long wanted = Math.max(1, PART_BYTES / Math.max(rowBytes, MIN_ROW_BYTES));
        long perPart = Math.max(wanted, Math.ceilDiv(rows, MAX_PARTS));
        this.allAtOnce = p.outer() > 1 && count <= Math.min(perPart, MAX_OFFSETS);
        this.columns = allAtOnce && count > 0 && count <= MAX_COLUMNS && ShortCopies.takesColumns(rowBytes);
        this.rowsPerPart = columns ? perPart / count * count : perPart;
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
        return (allAtOnce ? count : Math.min(count, BLOCK_OFFSETS)) * Long.BYTES;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment data = operands[0];
        MemorySegment indices = operands[1];
        MemorySegment out = operands[2];
        if (allAtOnce) {
            findOffsets(indices, 0, (int) count, scratch);
        }
        if (columns) {
            copyColumns(data, scratch, out, from * rowsPerPart / count, Math.min(rows, to * rowsPerPart) / count);
            return;
        }
        long last = Math.min(rows, to * rowsPerPart);
        long row = from * rowsPerPart;
        while (row < last) {
            long k = row % count;
            int n = (int) Math.min(Math.min(count - k, last - row), allAtOnce ? count : BLOCK_OFFSETS);
            if (!allAtOnce) {
                findOffsets(indices, k, n, scratch);
            }
            long table = row / count * tableRows * rowBytes;
            copyRows(data, table, scratch, allAtOnce ? k * Long.BYTES : 0, out, row * rowBytes, n);
            row += n;
        }
    }

    /** Writes the offsets, in a table, of the rows that indices refer to, from the k-th index on. */
    private void findOffsets(MemorySegment indices, long k, int count, MemorySegment offsets) {
        for (int r = 0; r < count; r++) {
            long index = wide ? indices.get(B8, (k + r) * 8) : indices.get(B4, (k + r) * 4);
            offsets.set(B8, r * 8L, p.row(index) * rowBytes);
        }
    }

    /** Copies the columns of some tables, a block of tables at a time. */
    private void copyColumns(MemorySegment data, MemorySegment offsets, MemorySegment out, long first, long last) {
        long tableBytes = tableRows * rowBytes;
        long outBytes = count * rowBytes;
        for (long table = first; table < last; table += BLOCK_TABLES) {
            int n = (int) Math.min(BLOCK_TABLES, last - table);
            for (int k = 0; k < count; k++) {
                long i = table * tableBytes + offsets.get(B8, k * 8L);
                long o = table * outBytes + k * rowBytes;
                ShortCopies.column(data, i, tableBytes, out, o, outBytes, (int) rowBytes, n);
            }
        }
    }

    /** Copies rows of one table. */
    private void copyRows(
            MemorySegment data, long table, MemorySegment offsets, long at, MemorySegment out, long o, int n) {
        if (rowBytes >= BULK_BYTES) {
            for (int r = 0; r < n; r++) {
                MemorySegment.copy(data, table + offsets.get(B8, at + r * 8L), out, o + r * rowBytes, rowBytes);
            }
        } else if (rowBytes > 0) {
            ShortCopies.gather(data, table, offsets, at, out, o, (int) rowBytes, n);
        }
    }
}
