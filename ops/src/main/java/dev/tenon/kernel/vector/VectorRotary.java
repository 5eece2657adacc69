package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.VectorShape.F32;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RotaryProblem;
import dev.tenon.kernel.RowParts;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/** Rotation of pairs of float32 of which one lies in the first half of a row and one in the second. */
public final class VectorRotary implements Kernel {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final long STEP = (long) F32.length() * Float.BYTES;
    private static final long PART_ELEMENTS = 64 << 10;
    private static final long ELEMENTS_PER_NANO = 4;
    private static final long ROW_NANOS = 5;

    private final RotaryProblem p;
    private final RowParts split;

    private VectorRotary(RotaryProblem p) {
        this.p = p;
        this.split = RowParts.of(p.rows(), p.size(), PART_ELEMENTS);
    }

    /**
     * A kernel.
     *
     * @param p the rows, not interleaved; operands are x, cosines, sines, perhaps positions, and the result
     * @return the kernel
     */
    public static Kernel of(RotaryProblem p) {
        return new VectorRotary(p);
    }

    @Override
    public String id() {
        return "rotary_f32_vector" + VectorShape.BITS;
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return split.most() * (p.size() / ELEMENTS_PER_NANO + ROW_NANOS);
    }

    @Override
    public boolean inPlace(int input, int output) {
        return input == 0;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        MemorySegment y = operands[p.output()];
        long bytes = (long) p.size() * Float.BYTES;
        long rotated = 2L * p.half() * Float.BYTES;
        boolean apart = x.address() != y.address();
        long last = split.start(to);
        for (long row = split.start(from); row < last; row++) {
            long at = row * bytes;
            rotate(x, at, operands[1], operands[2], p.angles(operands, row), y);
            if (apart && rotated < bytes) {
                MemorySegment.copy(x, at + rotated, y, at + rotated, bytes - rotated);
            }
        }
    }

    private void rotate(MemorySegment x, long at, MemorySegment cos, MemorySegment sin, long angles, MemorySegment y) {
        long half = (long) p.half() * Float.BYTES;
        long body = half - half % STEP;
        for (long i = 0; i < body; i += STEP) {
            FloatVector c = FloatVector.fromMemorySegment(F32, cos, angles + i, LE);
            FloatVector s = FloatVector.fromMemorySegment(F32, sin, angles + i, LE);
            FloatVector a = FloatVector.fromMemorySegment(F32, x, at + i, LE);
            FloatVector b = FloatVector.fromMemorySegment(F32, x, at + half + i, LE);
            a.mul(c).sub(b.mul(s)).intoMemorySegment(y, at + i, LE);
            a.mul(s).add(b.mul(c)).intoMemorySegment(y, at + half + i, LE);
        }
        for (long i = body; i < half; i += Float.BYTES) {
            float c = cos.get(SCALAR, angles + i);
            float s = sin.get(SCALAR, angles + i);
            float a = x.get(SCALAR, at + i);
            float b = x.get(SCALAR, at + half + i);
            y.set(SCALAR, at + i, a * c - b * s);
            y.set(SCALAR, at + half + i, a * s + b * c);
        }
    }
}
