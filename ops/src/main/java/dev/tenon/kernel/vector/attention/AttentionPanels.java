package dev.tenon.kernel.vector.attention;

import static dev.tenon.kernel.attention.KeysOrValues.KEYS;
import static dev.tenon.kernel.attention.KeysOrValues.VALUES;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.attention.AttentionOperands;
import dev.tenon.kernel.attention.AttentionProblem;
import dev.tenon.kernel.attention.KeysOrValues;
import dev.tenon.kernel.vector.gemm.VectorPanels;
import java.lang.foreign.MemorySegment;

/**
 * Packs the keys and values of a head into panels. {@link VectorAttention} calls it directly if a part has a head of
 * its own. If several parts read the panels of one head, this is a kernel: the stage before {@link VectorAttention}. A
 * part is then the keys or the values of one head, and the panels of all heads are stored in shared memory, head by
 * head.
 */
final class AttentionPanels implements Kernel {
    private static final double ELEMENTS_PER_NANO = 2;
    private static final int CACHE_LINE = 64;

    private final AttentionProblem.Dims d;
    private final AttentionOperands memory;
    private final Kernel next;
    private final long keyBytes;
    private final long headBytes;

    /**
     * Makes the panels of a problem.
     *
     * @param d the sizes of the operands
     * @param memory the offsets in the operands
     * @param next the stage that reads the panels, or null if this is not a stage
     */
    AttentionPanels(AttentionProblem.Dims d, AttentionOperands memory, Kernel next) {
        this.d = d;
        this.memory = memory;
        this.next = next;
        keyBytes = align(VectorPanels.byteSize(d.headSize(), d.keys()));
        headBytes = keyBytes + align(VectorPanels.byteSize(d.keys(), d.valueHeadSize()));
    }

    private static long align(long bytes) {
        return Math.ceilDiv(bytes, CACHE_LINE) * CACHE_LINE;
    }

    /** Bytes of the panels of a head, those of keys first. */
    long headBytes() {
        return headBytes;
    }

    /** The offset of the panels of values from the panels of keys of the same head. */
    long valuesOffset() {
        return keyBytes;
    }

    /** Bytes that {@link #pack} needs at the start of the scratch memory. */
    long concatBytes() {
        return align(Math.max(memory.concatBytes(KEYS), memory.concatBytes(VALUES)));
    }

    /**
     * Packs the keys or the values of a head. Also writes them to the output that receives all keys or values, if it is
     * wanted.
     *
     * @param operands the operands
     * @param scratch the scratch memory
     * @param kvHead the head
     * @param kv keys or values
     * @param target the memory of the panels
     * @param headOffset the offset of the panels of this head there, in bytes
     */
    void pack(
            MemorySegment[] operands,
            MemorySegment scratch,
            int kvHead,
            KeysOrValues kv,
            MemorySegment target,
            long headOffset) {
        memory.concat(operands, scratch, 0, kv, kvHead);
        if (d.queries() == 0) {
            return;
        }
        MemorySegment source = memory.source(operands, scratch, kv);
        long at = memory.sourceOffset(kvHead, kv, 0);
        long step = memory.sourceStep(kv);
        if (kv == VALUES) {
            VectorPanels.pack(source, at, step, d.keys(), d.valueHeadSize(), target, headOffset + keyBytes);
        } else {
            VectorPanels.packTransposed(source, at, step, d.headSize(), d.keys(), target, headOffset);
        }
    }

    @Override
    public String id() {
        return next.id();
    }

    @Override
    public Kernel nextStage() {
        return next;
    }

    @Override
    public int parts() {
        return Math.max(1, 2 * d.allKvHeads());
    }

    @Override
    public long partNanos() {
        return (long) (1 + (double) d.keys() * Math.max(d.headSize(), d.valueHeadSize()) / ELEMENTS_PER_NANO);
    }

    @Override
    public long scratchBytes() {
        return Math.max(concatBytes(), next.scratchBytes());
    }

    @Override
    public long sharedBytes() {
        return headBytes * d.allKvHeads();
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment target = operands[operands.length - 1];
        for (int part = from; part < to && part < 2 * d.allKvHeads(); part++) {
            int kvHead = part / 2;
            pack(operands, scratch, kvHead, part % 2 == 0 ? KEYS : VALUES, target, kvHead * headBytes);
        }
    }
}
