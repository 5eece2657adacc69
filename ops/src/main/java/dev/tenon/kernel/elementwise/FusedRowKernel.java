package dev.tenon.kernel.elementwise;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowKernel;
import dev.tenon.kernel.RowPartition;
import java.lang.foreign.MemorySegment;

/**
 * A kernel on lines with chains of loops ahead of it and behind it, a few lines after the other: what the loops make of
 * the operands stays in the nearest cache until it is reduced. Where lines make as many results as they have elements,
 * these lie in the place of the results, else in scratch memory.
 */
public final class FusedRowKernel implements Kernel {
    private static final long PART_ELEMENTS = 32 << 10;
    private static final long NEAR_ELEMENTS = 4096;
    private static final long PICOS_PER_NANO = 1000;
    private static final long ALIGNMENT = 64;

    private final RowKernel lines;
    private final TileChain before;
    private final TileChain after;
    private final int data;
    private final int output;
    private final RowPartition split;
    private final long near;
    private final long lineNanos;
    private final boolean inPlace;
    private final long elementsAt;
    private final long scratchBytes;

    /**
     * A kernel.
     *
     * @param lines the kernel on lines
     * @param before makes the elements of lines, in place of the output; null if an operand holds them
     * @param beforePicos the work of this chain for an element, picoseconds
     * @param after works on results in place, or null
     * @param afterPicos the work of that chain for a result, picoseconds
     * @param data the index of the operand that holds the elements, if there is no chain ahead
     * @param output the index of the output among the operands
     */
    public FusedRowKernel(
            RowKernel lines,
            TileChain before,
            long beforePicos,
            TileChain after,
            long afterPicos,
            int data,
            int output) {
        long elements = Math.max(1, lines.elements());
        this.lines = lines;
        this.data = data;
        this.output = output;
        this.inPlace = lines.elements() == lines.results();
        this.split = RowPartition.of(lines.lines(), elements, PART_ELEMENTS);
        this.near = Math.max(1, NEAR_ELEMENTS / elements);
        long work = elements * beforePicos + lines.results() * afterPicos;
        this.lineNanos = work / PICOS_PER_NANO + lines.partNanos() * lines.parts() / Math.max(1, lines.lines());
        long end = up(lines.scratchBytes());
        TileChain behind = after == null ? null : after.scratchAt(end);
        end += after == null ? 0 : up(after.scratchBytes());
        TileChain ahead = before == null ? null : before.scratchAt(end);
        end += before == null ? 0 : up(before.scratchBytes());
        this.elementsAt = end;
        boolean kept = before != null && !inPlace;
        this.before = kept ? ahead.keptAt(end) : ahead;
        this.after = behind;
        this.scratchBytes = end + (kept ? Math.min(near, split.most()) * elements * Float.BYTES : 0);
    }

    private static long up(long bytes) {
        return bytes + ALIGNMENT - 1 & -ALIGNMENT;
    }

    @Override
    public String id() {
        return lines.id() + "_fused";
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return Math.max(1, split.most() * lineNanos);
    }

    @Override
    public long scratchBytes() {
        return scratchBytes;
    }

    @Override
    public boolean inPlace(int input, int index) {
        boolean free = before == null ? input == data : before.inPlace(input);
        return inPlace && free && (after == null || !after.reads(input));
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment y = operands[output];
        long end = split.start(to);
        for (long first = split.start(from); first < end; first += near) {
            long last = Math.min(end, first + near);
            long start = first * lines.elements();
            if (before == null) {
                lines.run(operands[data], start * Float.BYTES, y, first, last, scratch);
            } else {
                before.run(operands, scratch, start, last * lines.elements());
                if (inPlace) {
                    lines.run(y, start * Float.BYTES, y, first, last, scratch);
                } else {
                    lines.run(scratch, elementsAt, y, first, last, scratch);
                }
            }
            if (after != null) {
                after.run(operands, scratch, first * lines.results(), last * lines.results());
            }
        }
    }
}
