package dev.tenon.kernel.vector.attention;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.attention.RotaryProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/** Rotation of pairs of float32: of neighbours, or of elements of which one lies in each half of a row. */
public final class VectorRotary implements Kernel {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int LANES = SimdSpecies.LANES;
    private static final long STEP = (long) LANES * Float.BYTES;

    /**
     * Each angle is that of two neighbours: the angles of a vector are those of two vectors of elements. Made when a loop
     * runs, not when one is planned.
     */
    private static final class Shuffles {
        private static final VectorShuffle<Float> LOW = VectorShuffle.fromOp(F32, i -> i / 2);
        private static final VectorShuffle<Float> HIGH = VectorShuffle.fromOp(F32, i -> LANES / 2 + i / 2);
        private static final VectorShuffle<Float> OTHER = VectorShuffle.fromOp(F32, i -> i ^ 1);
    }

    /** Of what the other one of a pair adds. */
    private static final float[] SIGNS = signs();

    private static final long PART_ELEMENTS = 64 << 10;
    private static final long ELEMENTS_PER_NANO = 4;
    private static final long ROW_NANOS = 5;

    private final RotaryProblem p;
    private final RowPartition split;

    private VectorRotary(RotaryProblem p) {
        this.p = p;
        this.split = RowPartition.of(p.rows(), p.size(), PART_ELEMENTS);
    }

    /**
     * A kernel.
     *
     * @param p the rows; operands are x, cosines, sines, perhaps positions, and the result
     * @return the kernel
     */
    public static Kernel of(RotaryProblem p) {
        return new VectorRotary(p);
    }

    @Override
    public String id() {
        return "rotary_f32_vector" + SimdSpecies.BITS;
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
            if (p.stays(row)) {
                if (apart) {
                    MemorySegment.copy(x, at, y, at, bytes);
                }
                continue;
            }
            long angles = p.angles(operands, row);
            if (p.interleaved()) {
                rotateNeighbours(x, at, operands[1], operands[2], angles, y);
            } else {
                rotateHalves(x, at, operands[1], operands[2], angles, y);
            }
            if (apart && rotated < bytes) {
                MemorySegment.copy(x, at + rotated, y, at + rotated, bytes - rotated);
            }
        }
    }

    private void rotateHalves(
            MemorySegment x, long at, MemorySegment cos, MemorySegment sin, long angles, MemorySegment y) {
        x = NATIVE.cast(x);
        cos = NATIVE.cast(cos);
        sin = NATIVE.cast(sin);
        y = NATIVE.cast(y);
        long half = (long) p.half() * Float.BYTES;
        long body = half - half % STEP;
        for (long i = 0; i < body; i += STEP) {
            FloatVector c = FloatVector.fromMemorySegment(F32, cos, angles + i, LE);
            FloatVector s = FloatVector.fromMemorySegment(F32, sin, angles + i, LE);
            FloatVector a = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, at + i, LE));
            FloatVector b = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, at + half + i, LE));
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

    private void rotateNeighbours(
            MemorySegment x, long at, MemorySegment cos, MemorySegment sin, long angles, MemorySegment y) {
        x = NATIVE.cast(x);
        cos = NATIVE.cast(cos);
        sin = NATIVE.cast(sin);
        y = NATIVE.cast(y);
        FloatVector signs = FloatVector.fromArray(F32, SIGNS, 0);
        long half = (long) p.half() * Float.BYTES;
        long body = half - half % STEP;
        for (long i = 0; i < body; i += STEP) {
            long low = at + 2 * i;
            FloatVector c = FLOATS.cast(FloatVector.fromMemorySegment(F32, cos, angles + i, LE));
            FloatVector s = FLOATS.cast(FloatVector.fromMemorySegment(F32, sin, angles + i, LE));
            FloatVector a = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, low, LE));
            FloatVector b = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, low + STEP, LE));
            FloatVector turnedA =
                    a.rearrange(Shuffles.OTHER).mul(s.rearrange(Shuffles.LOW)).mul(signs);
            FloatVector turnedB =
                    b.rearrange(Shuffles.OTHER).mul(s.rearrange(Shuffles.HIGH)).mul(signs);
            a.mul(c.rearrange(Shuffles.LOW)).add(turnedA).intoMemorySegment(y, low, LE);
            b.mul(c.rearrange(Shuffles.HIGH)).add(turnedB).intoMemorySegment(y, low + STEP, LE);
        }
        for (long i = body; i < half; i += Float.BYTES) {
            float c = cos.get(SCALAR, angles + i);
            float s = sin.get(SCALAR, angles + i);
            long first = at + 2 * i;
            float a = x.get(SCALAR, first);
            float b = x.get(SCALAR, first + Float.BYTES);
            y.set(SCALAR, first, a * c - b * s);
            y.set(SCALAR, first + Float.BYTES, a * s + b * c);
        }
    }

    private static float[] signs() {
        float[] signs = new float[LANES];
        for (int i = 0; i < LANES; i++) {
            signs[i] = i % 2 == 0 ? -1 : 1;
        }
        return signs;
    }
}
