package dev.tenon.kernel.scalar.copy;

import dev.tenon.budget.WorkBudget;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.copy.GatherGradientProblem;
import dev.tenon.kernel.copy.GatherProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Adds slices at their indices. A part has some columns of all slices; where these are few parts, it has a range of the rows of the
 * result, too, and passes over the indices outside. So no two parts add to the same element, and each sum is in the order of the
 * indices. Parts of the same columns that run together read the indices once.
 */
public final class ScalarGatherGradient implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;

    /** The columns of a part: some lines of a cache. */
    private static final long COLUMNS = 128;

    private static final long MOST_RANGES = 4;
    private static final long LEAST_RANGE_ELEMENTS = 1 << 14;
    private static final long INDICES_BETWEEN_LOOKS = 1 << 16;

    private final GatherGradientProblem p;
    private final long blocks;
    private final long ranges;

    /**
     * A kernel.
     *
     * @param p the problem. The operands are the indices, the slices and the output
     */
    public ScalarGatherGradient(GatherGradientProblem p) {
        this.p = p;
        this.blocks = Math.ceilDiv(p.inner(), COLUMNS);
        long worth = p.size() * Math.min(p.inner(), COLUMNS) / LEAST_RANGE_ELEMENTS;
        this.ranges = Math.clamp(worth, 1, Math.max(1, MOST_RANGES / (p.outer() * blocks)));
    }

    @Override
    public String id() {
        return "gather_gradient_f32_scalar";
    }

    @Override
    public int parts() {
        return Math.toIntExact(p.outer() * blocks * ranges);
    }

    @Override
    public long partNanos() {
        return 1 + p.count() + (p.count() + p.size()) / ranges * Math.min(p.inner(), COLUMNS);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        long part = from;
        while (part < to) {
            long columns = part / ranges;
            long end = Math.min(to, (columns + 1) * ranges);
            add(operands, columns, firstRow(part - columns * ranges), firstRow(end - columns * ranges));
            part = end;
        }
    }

    private long firstRow(long range) {
        return p.size() * range / ranges;
    }

    /** Adds some columns of the slices whose rows are from a first one to before a last one. */
    private void add(MemorySegment[] operands, long part, long firstRow, long lastRow) {
        long outer = part / blocks;
        long first = part % blocks * COLUMNS;
        long columns = Math.min(COLUMNS, p.inner() - first);
        MemorySegment out = operands[2];
        long whole = columns == p.inner() ? lastRow - firstRow : 1;
        for (long row = firstRow; row < lastRow; row += whole) {
            long at = (outer * p.size() + row) * p.inner() + first;
            out.asSlice(at * Float.BYTES, whole * columns * Float.BYTES).fill((byte) 0);
        }
        for (long i = 0; i < p.count(); i += INDICES_BETWEEN_LOOKS) {
            WorkBudget.check();
            long end = Math.min(p.count(), i + INDICES_BETWEEN_LOOKS);
            for (long k = i; k < end; k++) {
                long row = row(operands[0], k);
                if (row >= firstRow && row < lastRow) {
                    long to = (outer * p.size() + row) * p.inner() + first;
                    long from = (outer * p.count() + k) * p.inner() + first;
                    addSlice(operands[1], from, out, to, columns);
                }
            }
        }
    }

    private long row(MemorySegment indices, long i) {
        long index = p.indexBytes() == Long.BYTES ? indices.getAtIndex(I64, i) : indices.getAtIndex(I32, i);
        return GatherProblem.resolve("GatherGradient", index, p.size());
    }

    private static void addSlice(MemorySegment slices, long from, MemorySegment out, long to, long columns) {
        for (long c = 0; c < columns; c++) {
            out.set(F32, (to + c) * 4, out.get(F32, (to + c) * 4) + slices.get(F32, (from + c) * 4));
        }
    }
}
