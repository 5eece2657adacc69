package dev.tenon.kernel.scalar.copy;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.copy.GatherGradientProblem;
import dev.tenon.kernel.copy.GatherProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Adds slices at their indices. A part has some columns of all slices, so no two parts add to the same element. */
public final class ScalarGatherGradient implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;

    /** The columns of a part: some lines of a cache. */
    private static final long COLUMNS = 128;

    private final GatherGradientProblem p;
    private final long blocks;

    /**
     * A kernel.
     *
     * @param p the problem. The operands are the indices, the slices and the output
     */
    public ScalarGatherGradient(GatherGradientProblem p) {
        this.p = p;
        this.blocks = Math.ceilDiv(p.inner(), COLUMNS);
    }

    @Override
    public String id() {
        return "gather_gradient_f32_scalar";
    }

    @Override
    public int parts() {
        return Math.toIntExact(p.outer() * blocks);
    }

    @Override
    public long partNanos() {
        return 1 + (p.count() + p.size()) * Math.min(p.inner(), COLUMNS);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        for (int part = from; part < to; part++) {
            long outer = part / blocks;
            long first = part % blocks * COLUMNS;
            add(operands, outer, first, Math.min(COLUMNS, p.inner() - first));
        }
    }

    private void add(MemorySegment[] operands, long outer, long first, long columns) {
        MemorySegment out = operands[2];
        for (long row = 0; row < p.size(); row++) {
            long at = (outer * p.size() + row) * p.inner() + first;
            out.asSlice(at * Float.BYTES, columns * Float.BYTES).fill((byte) 0);
        }
        for (long i = 0; i < p.count(); i++) {
            long index = p.indexBytes() == Long.BYTES ? operands[0].getAtIndex(I64, i) : operands[0].getAtIndex(I32, i);
            long row = GatherProblem.resolve("GatherGradient", index, p.size());
            long to = (outer * p.size() + row) * p.inner() + first;
            long from = (outer * p.count() + i) * p.inner() + first;
            for (long c = 0; c < columns; c++) {
                out.set(F32, (to + c) * 4, out.get(F32, (to + c) * 4) + operands[1].get(F32, (from + c) * 4));
            }
        }
    }
}
