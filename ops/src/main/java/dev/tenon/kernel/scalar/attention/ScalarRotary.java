package dev.tenon.kernel.scalar.attention;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.attention.RotaryProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Rotation of pairs of float32, a row at a time. */
public final class ScalarRotary implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_ELEMENTS = 16 << 10;
    private static final long NANOS_PER_ELEMENT = 2;

    private final RotaryProblem p;
    private final RowPartition split;

    /**
     * A kernel.
     *
     * @param p the rows; operands are x, cosines, sines, perhaps positions, and the result
     */
    public ScalarRotary(RotaryProblem p) {
        this.p = p;
        this.split = RowPartition.of(p.rows(), p.size(), PART_ELEMENTS);
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
        return split.most() * p.size() * NANOS_PER_ELEMENT;
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
        long bytes = (long) p.size() * Float.BYTES;
        long rotated = 2L * p.half() * Float.BYTES;
        long apart = p.interleaved() ? Float.BYTES : (long) p.half() * Float.BYTES;
        long step = p.interleaved() ? 2 : 1;
        long last = split.start(to);
        for (long row = split.start(from); row < last; row++) {
            long at = row * bytes;
            if (p.stays(row)) {
                copy(x, y, at, bytes);
                continue;
            }
            long angles = p.angles(operands, row);
            for (int i = 0; i < p.half(); i++) {
                float c = cos.get(F32, angles + (long) i * Float.BYTES);
                float s = sin.get(F32, angles + (long) i * Float.BYTES);
                long first = at + i * step * Float.BYTES;
                float a = x.get(F32, first);
                float b = x.get(F32, first + apart);
                y.set(F32, first, a * c - b * s);
                y.set(F32, first + apart, a * s + b * c);
            }
            copy(x, y, at + rotated, bytes - rotated);
        }
    }

    private static void copy(MemorySegment x, MemorySegment y, long at, long bytes) {
        for (long i = 0; i < bytes; i += Float.BYTES) {
            y.set(F32, at + i, x.get(F32, at + i));
        }
    }
}
