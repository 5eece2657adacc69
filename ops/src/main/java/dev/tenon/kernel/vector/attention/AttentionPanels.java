package dev.tenon.kernel.vector.attention;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.attention.AttentionOperands;
import dev.tenon.kernel.attention.AttentionProblem;
import dev.tenon.kernel.vector.gemm.VectorPanels;
import java.lang.foreign.MemorySegment;

/**
 * Packs keys and values of heads into panels. As a kernel it is the stage before {@link VectorAttention} where several
 * parts of that read the panels of a head: a part is the keys or the values of a head, and panels go into shared memory,
 * those of a head behind those of the one before it.
 */
final class AttentionPanels implements Kernel {
    private static final double ELEMENTS_PER_NANO = 2;
    private static final int LINE = 64;

    private final AttentionProblem p;
    private final AttentionOperands memory;
    private final Kernel next;
    private final long keyBytes;
    private final long headBytes;

    /**
     * Panels of a problem.
     *
     * @param p the problem
     * @param memory where its operands lie
     * @param next the stage that reads all panels, or null if this is no stage
     */
    AttentionPanels(AttentionProblem p, AttentionOperands memory, Kernel next) {
        this.p = p;
        this.memory = memory;
        this.next = next;
        keyBytes = align(VectorPanels.byteSize(p.size(), p.keys()));
        headBytes = keyBytes + align(VectorPanels.byteSize(p.keys(), p.valueSize()));
    }

    static long align(long bytes) {
        return Math.ceilDiv(bytes, LINE) * LINE;
    }

    /** Bytes of the panels of a head. */
    long headBytes() {
        return headBytes;
    }

    /** The offset of the panels of values from those of keys of the same head. */
    long valuesAt() {
        return keyBytes;
    }

    /** Bytes that {@link #pack} needs at the start of scratch memory. */
    long gatherBytes() {
        return align(Math.max(memory.gatherBytes(false), memory.gatherBytes(true)));
    }

    /** Packs the keys or the values of a head; present ones are written if they are asked for. */
    void pack(
            MemorySegment[] operands,
            MemorySegment scratch,
            int b,
            int keyHead,
            boolean values,
            MemorySegment target,
            long headAt) {
        memory.gather(operands, scratch, 0, values, b, keyHead);
        if (p.queries() == 0) {
            return;
        }
        MemorySegment source = memory.source(operands, scratch, values);
        long at = memory.sourceAt(b, keyHead, values, 0);
        long step = memory.sourceStep(values);
        if (values) {
            VectorPanels.pack(source, at, step, p.keys(), p.valueSize(), target, headAt + keyBytes);
        } else {
            VectorPanels.packTransposed(source, at, step, p.size(), p.keys(), target, headAt);
        }
    }

    @Override
    public String id() {
        return next.id();
    }

    @Override
    public Kernel next() {
        return next;
    }

    @Override
    public int parts() {
        return Math.max(1, 2 * p.batch() * p.keyHeads());
    }

    @Override
    public long partNanos() {
        return (long) (1 + (double) p.keys() * Math.max(p.size(), p.valueSize()) / ELEMENTS_PER_NANO);
    }

    @Override
    public long scratchBytes() {
        return Math.max(gatherBytes(), next.scratchBytes());
    }

    @Override
    public long sharedBytes() {
        return headBytes * p.batch() * p.keyHeads();
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment target = operands[operands.length - 1];
        for (int part = from; part < to && part < 2 * p.batch() * p.keyHeads(); part++) {
            int head = part / 2;
            boolean values = part % 2 == 1;
            pack(operands, scratch, head / p.keyHeads(), head % p.keyHeads(), values, target, head * headBytes);
        }
    }
}
