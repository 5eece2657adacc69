package dev.tenon.kernel.scalar.copy;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.copy.GatherElementsProblem;
import dev.tenon.kernel.copy.GatherProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Gathers elements by index. For a block of neighbouring results it first computes the offsets of the elements, then copies
 * them. The work is limited by the check and the address of each element, not by memory.
 */
public final class ScalarGatherElements implements Kernel {
    private static final ValueLayout.OfInt B4 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong B8 = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final long PART_ELEMENTS = 8 << 10;

    /** The number of offsets of a block: the first-level cache holds them. */
    private static final int BLOCK_OFFSETS = 1 << 10;

    private final GatherElementsProblem p;
    private final RowPartition partition;
    private final long length;
    private final long tableRows;

    /** The distance, in the data, of the elements of two successive indices, bytes. */
    private final long indexStep;

    /** The distance, in the data, of the elements of two neighbouring results with the same index, bytes. */
    private final long elementStep;

    /**
     * A kernel.
     *
     * @param p the problem. The operands are the data, the indices and the output
     */
    public ScalarGatherElements(GatherElementsProblem p) {
        this.p = p;
        length = p.length();
        tableRows = p.dataDims()[p.axis()];
        indexStep = p.stride(p.axis()) * p.elementBytes();
        elementStep = p.axis() == p.dataDims().length - 1 ? 0 : p.elementBytes();
        partition = RowPartition.of(p.lines(), length, PART_ELEMENTS);
    }

    @Override
    public String id() {
        return "gather_elements_scalar";
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return 1 + 2 * partition.maxPartRows() * length;
    }

    @Override
    public long scratchBytes() {
        return Math.min(length, BLOCK_OFFSETS) * Long.BYTES;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        for (long line = partition.start(from); line < partition.start(to); line++) {
            long start = p.lineStart(line) * p.elementBytes();
            for (long j = 0; j < length; j += BLOCK_OFFSETS) {
                int n = (int) Math.min(BLOCK_OFFSETS, length - j);
                long k = line * length + j;
                findOffsets(operands[1], k, n, start + j * elementStep, scratch);
                ShortCopies.gather(operands[0], 0, scratch, 0, operands[2], k * p.elementBytes(), p.elementBytes(), n);
            }
        }
    }

    private void findOffsets(MemorySegment indices, long k, int count, long start, MemorySegment offsets) {
        for (int r = 0; r < count; r++) {
            long index = p.indexBytes() == Long.BYTES ? indices.get(B8, (k + r) * 8) : indices.get(B4, (k + r) * 4);
            long position = GatherProblem.resolve("GatherElements", index, tableRows);
            offsets.set(B8, r * 8L, start + position * indexStep + r * elementStep);
        }
    }
}
