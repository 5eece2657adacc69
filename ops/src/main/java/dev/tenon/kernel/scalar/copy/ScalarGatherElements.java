package dev.tenon.kernel.scalar.copy;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.copy.GatherElementsProblem;
import dev.tenon.kernel.copy.GatherProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Takes elements at the places of indices: for some neighbours their offsets are written down, then they are copied. What
 * bounds it is not the memory: each element takes an index that is checked and an address of its own.
 */
public final class ScalarGatherElements implements Kernel {
    private static final ValueLayout.OfInt B4 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong B8 = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final long PART_ELEMENTS = 8 << 10;

    /** Offsets that are written down together: the first-level cache holds them. */
    private static final int BLOCK = 1 << 10;

    private final GatherElementsProblem p;
    private final RowPartition split;
    private final long length;
    private final long tableRows;

    /** Bytes from one index to the next in the data, and from one place to the next along a line. */
    private final long indexStep;

    private final long placeStep;

    /**
     * A kernel.
     *
     * @param p what to take; operands are the data, the indices, the output
     */
    public ScalarGatherElements(GatherElementsProblem p) {
        this.p = p;
        length = p.length();
        tableRows = p.data()[p.axis()];
        indexStep = p.stride(p.axis()) * p.elementBytes();
        placeStep = p.axis() == p.data().length - 1 ? 0 : p.elementBytes();
        split = RowPartition.of(p.lines(), length, PART_ELEMENTS);
    }

    @Override
    public String id() {
        return "gather_elements_scalar";
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return 1 + 2 * split.most() * length;
    }

    @Override
    public long scratchBytes() {
        return Math.min(length, BLOCK) * Long.BYTES;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        for (long line = split.start(from); line < split.start(to); line++) {
            long start = p.start(line) * p.elementBytes();
            for (long j = 0; j < length; j += BLOCK) {
                int some = (int) Math.min(BLOCK, length - j);
                long k = line * length + j;
                place(operands[1], k, some, start + j * placeStep, scratch);
                ShortCopies.rows(operands[0], 0, scratch, 0, operands[2], k * p.elementBytes(), p.elementBytes(), some);
            }
        }
    }

    private void place(MemorySegment indices, long k, int count, long start, MemorySegment offsets) {
        for (int r = 0; r < count; r++) {
            long index = p.indexBytes() == Long.BYTES ? indices.get(B8, (k + r) * 8) : indices.get(B4, (k + r) * 4);
            long place = GatherProblem.place("GatherElements", index, tableRows);
            offsets.set(B8, r * 8L, start + place * indexStep + r * placeStep);
        }
    }
}
