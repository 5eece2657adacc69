package dev.tenon.kernel.scalar.attention;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.attention.RotaryProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Rotary embedding of float32 by plain loops, one row after the other. */
public final class ScalarRotary implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_ELEMENTS = 16 << 10;
    private static final long NANOS_PER_ELEMENT = 2;

    private final RotaryProblem p;
    private final int headSize;
    private final RowPartition split;

    /**
     * Makes the kernel.
     *
     * @param p the problem, which names the operands
     */
    public ScalarRotary(RotaryProblem p) {
        this.p = p;
        this.headSize = p.dims().headSize();
        this.split = RowPartition.of(p.rows(), headSize, PART_ELEMENTS);
    }

    @Override
    public String id() {
        return "rotary_f32_scalar";
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return split.maxPartRows() * headSize * NANOS_PER_ELEMENT;
    }

    @Override
    public boolean inPlace(int input, int output) {
        return input == 0;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        MemorySegment cos = operands[1];
        MemorySegment sin = operands[2];
        MemorySegment y = operands[p.output()];
        long bytes = (long) headSize * Float.BYTES;
        long rotatedBytes = 2L * p.pairs() * Float.BYTES;
        long partnerStep = p.interleaved() ? Float.BYTES : (long) p.pairs() * Float.BYTES;
        long pairStep = p.interleaved() ? 2 : 1;
        long last = split.start(to);
        for (long row = split.start(from); row < last; row++) {
            long at = row * bytes;
            if (!p.isRotated(row)) {
                copy(x, y, at, bytes);
                continue;
            }
            long tableAt = p.tableOffset(operands, row);
            for (int i = 0; i < p.pairs(); i++) {
                float c = cos.get(F32, tableAt + (long) i * Float.BYTES);
                float s = sin.get(F32, tableAt + (long) i * Float.BYTES);
                long first = at + i * pairStep * Float.BYTES;
                float a = x.get(F32, first);
                float b = x.get(F32, first + partnerStep);
                y.set(F32, first, a * c - b * s);
                y.set(F32, first + partnerStep, a * s + b * c);
            }
            copy(x, y, at + rotatedBytes, bytes - rotatedBytes);
        }
    }

    private static void copy(MemorySegment x, MemorySegment y, long at, long bytes) {
        for (long i = 0; i < bytes; i += Float.BYTES) {
            y.set(F32, at + i, x.get(F32, at + i));
        }
    }
}
