package dev.tenon.kernel.scalar.attention;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.attention.TensorScatterProblem;
import java.lang.foreign.MemorySegment;

/**
 * Copies blocks of a cache and writes new positions over them; the positions alone where the result is the cache. Nothing
 * is written if any sample's positions are out of range.
 */
public final class ScalarTensorScatter implements Kernel {
    private static final long PART_BYTES = 64 << 10;
    private static final long BYTES_PER_NANO = 8;
    private static final long BLOCK_NANOS = 10;

    private final TensorScatterProblem p;
    private final RowPartition split;
    private final boolean appends;

    /**
     * A kernel.
     *
     * @param p the blocks
     */
    public ScalarTensorScatter(TensorScatterProblem p) {
        this.p = p;
        this.appends = p.all() > 0 && p.length() > 0 && p.bytes() > 0;
        this.split = RowPartition.of(p.all(), p.positions() * p.bytes(), PART_BYTES);
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
        return split.most() * (p.positions() * p.bytes() / BYTES_PER_NANO + BLOCK_NANOS);
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
        boolean apart = !cache.isNative() || cache.address() != out.address();
        long block = p.positions() * p.bytes();
        if (appends) {
            for (long sample = 0; sample < p.batch(); sample++) {
                p.start(operands, sample);
            }
        }
        long last = split.start(to);
        for (long i = split.start(from); i < last; i++) {
            if (apart) {
                MemorySegment.copy(cache, i * block, out, i * block, block);
            }
            if (appends) {
                append(update, out, i, p.start(operands, i / p.blocks()));
            }
        }
    }

    /** Writes the positions of a block, those behind the end at the start. */
    private void append(MemorySegment update, MemorySegment out, long block, long start) {
        long bytes = p.bytes();
        long from = block * p.length();
        long to = block * p.positions();
        long ahead = Math.min(p.length(), p.positions() - start);
        MemorySegment.copy(update, from * bytes, out, (to + start) * bytes, ahead * bytes);
        MemorySegment.copy(update, (from + ahead) * bytes, out, to * bytes, (p.length() - ahead) * bytes);
    }
}
