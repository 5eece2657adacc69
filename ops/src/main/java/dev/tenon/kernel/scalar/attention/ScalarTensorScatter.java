package dev.tenon.kernel.scalar.attention;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.attention.TensorScatterProblem;
import java.lang.foreign.MemorySegment;

/**
 * Copies a KV cache and writes new positions into the copy. If the result occupies the memory of the cache, only the
 * new positions are written. If the write index of any sample is out of range, nothing is written.
 */
public final class ScalarTensorScatter implements Kernel {
    private static final long PART_BYTES = 64 << 10;
    private static final long BYTES_PER_NANO = 8;
    private static final long BLOCK_NANOS = 10;

    private final TensorScatterProblem p;
    private final RowPartition split;
    private final boolean writes;

    /**
     * Makes the kernel.
     *
     * @param p the problem, which names the operands
     */
    public ScalarTensorScatter(TensorScatterProblem p) {
        this.p = p;
        this.writes = p.allBlocks() > 0 && p.updates() > 0 && p.bytes() > 0;
        this.split = RowPartition.of(p.allBlocks(), p.positions() * p.bytes(), PART_BYTES);
    }

    @Override
    public String id() {
        return "cache_scalar";
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return split.maxPartRows() * (p.positions() * p.bytes() / BYTES_PER_NANO + BLOCK_NANOS);
    }

    @Override
    public boolean inPlace(int input, int output) {
        return input == 0;
    }

    @Override
    public boolean copiesOnly(int input) {
        return input < 2;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment cache = operands[0];
        MemorySegment update = operands[1];
        MemorySegment out = operands[p.output()];
        boolean copies = !cache.isNative() || cache.address() != out.address();
        long block = p.positions() * p.bytes();
        if (writes) {
            for (long sample = 0; sample < p.samples(); sample++) {
                p.firstPosition(operands, sample);
            }
        }
        long last = split.start(to);
        for (long i = split.start(from); i < last; i++) {
            if (copies) {
                MemorySegment.copy(cache, i * block, out, i * block, block);
            }
            if (writes) {
                write(update, out, i, p.firstPosition(operands, i / p.blocks()));
            }
        }
    }

    /** Writes the new positions of a block. Positions after the end of the block continue at its start. */
    private void write(MemorySegment update, MemorySegment out, long block, long start) {
        long bytes = p.bytes();
        long from = block * p.updates();
        long to = block * p.positions();
        long beforeEnd = Math.min(p.updates(), p.positions() - start);
        MemorySegment.copy(update, from * bytes, out, (to + start) * bytes, beforeEnd * bytes);
        MemorySegment.copy(update, (from + beforeEnd) * bytes, out, to * bytes, (p.updates() - beforeEnd) * bytes);
    }
}
