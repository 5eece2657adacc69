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

/**
 * Rotary embedding of float32 by vectors. A pair is two neighbours, or one element from each half of the rotated part
 * of a row.
 */
public final class VectorRotary implements Kernel {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int LANES = SimdSpecies.LANES;
    private static final long STEP = (long) LANES * Float.BYTES;

    /**
     * Shuffles for pairs of neighbours. A table has one cosine and one sine for each pair, so a vector of these belongs
     * to two vectors of elements. The JVM loads much for its first shuffle, so this class is loaded when a loop runs,
     * not when a kernel is planned.
     */
    private static final class Shuffles {
        /** Repeats each element of the lower half. */
        private static final VectorShuffle<Float> LOWER_TWICE = VectorShuffle.fromOp(F32, i -> i / 2);

        /** Repeats each element of the upper half. */
        private static final VectorShuffle<Float> UPPER_TWICE = VectorShuffle.fromOp(F32, i -> LANES / 2 + i / 2);

        /** Swaps neighbours. */
        private static final VectorShuffle<Float> SWAP = VectorShuffle.fromOp(F32, i -> i ^ 1);
    }

    /** The sign of the sine in each lane: -1 for the first element of a pair, 1 for the second. */
    private static final float[] SIGNS = signs();

    private static final long PART_ELEMENTS = 64 << 10;
    private static final long ELEMENTS_PER_NANO = 4;
    private static final long ROW_NANOS = 5;

    private final RotaryProblem p;
    private final int headSize;
    private final RowPartition split;

    private VectorRotary(RotaryProblem p) {
        this.p = p;
        this.headSize = p.dims().headSize();
        this.split = RowPartition.of(p.rows(), headSize, PART_ELEMENTS);
    }

    /**
     * Makes the kernel.
     *
     * @param p the problem, which names the operands
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
        return split.maxPartRows() * (headSize / ELEMENTS_PER_NANO + ROW_NANOS);
    }

    @Override
    public boolean inPlace(int input, int output) {
        return input == 0;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        MemorySegment y = operands[p.output()];
        long bytes = (long) headSize * Float.BYTES;
        long rotatedBytes = 2L * p.pairs() * Float.BYTES;
        boolean copies = x.address() != y.address();
        long last = split.start(to);
        for (long row = split.start(from); row < last; row++) {
            long at = row * bytes;
            if (!p.isRotated(row)) {
                if (copies) {
                    MemorySegment.copy(x, at, y, at, bytes);
                }
                continue;
            }
            long tableAt = p.tableOffset(operands, row);
            if (p.interleaved()) {
                rotateNeighbours(x, at, operands[1], operands[2], tableAt, y);
            } else {
                rotateHalves(x, at, operands[1], operands[2], tableAt, y);
            }
            if (copies && rotatedBytes < bytes) {
                MemorySegment.copy(x, at + rotatedBytes, y, at + rotatedBytes, bytes - rotatedBytes);
            }
        }
    }

    private void rotateHalves(
            MemorySegment x, long at, MemorySegment cos, MemorySegment sin, long tableAt, MemorySegment y) {
        x = NATIVE.cast(x);
        cos = NATIVE.cast(cos);
        sin = NATIVE.cast(sin);
        y = NATIVE.cast(y);
        long half = (long) p.pairs() * Float.BYTES;
        long body = half - half % STEP;
        for (long i = 0; i < body; i += STEP) {
            FloatVector c = FloatVector.fromMemorySegment(F32, cos, tableAt + i, LE);
            FloatVector s = FloatVector.fromMemorySegment(F32, sin, tableAt + i, LE);
            FloatVector a = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, at + i, LE));
            FloatVector b = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, at + half + i, LE));
            a.mul(c).sub(b.mul(s)).intoMemorySegment(y, at + i, LE);
            a.mul(s).add(b.mul(c)).intoMemorySegment(y, at + half + i, LE);
        }
        for (long i = body; i < half; i += Float.BYTES) {
            float c = cos.get(SCALAR, tableAt + i);
            float s = sin.get(SCALAR, tableAt + i);
            float a = x.get(SCALAR, at + i);
            float b = x.get(SCALAR, at + half + i);
            y.set(SCALAR, at + i, a * c - b * s);
            y.set(SCALAR, at + half + i, a * s + b * c);
        }
    }

    private void rotateNeighbours(
            MemorySegment x, long at, MemorySegment cos, MemorySegment sin, long tableAt, MemorySegment y) {
        x = NATIVE.cast(x);
        cos = NATIVE.cast(cos);
        sin = NATIVE.cast(sin);
        y = NATIVE.cast(y);
        FloatVector signs = FloatVector.fromArray(F32, SIGNS, 0);
        long half = (long) p.pairs() * Float.BYTES;
        long body = half - half % STEP;
        for (long i = 0; i < body; i += STEP) {
            long low = at + 2 * i;
            FloatVector c = FLOATS.cast(FloatVector.fromMemorySegment(F32, cos, tableAt + i, LE));
            FloatVector s = FLOATS.cast(FloatVector.fromMemorySegment(F32, sin, tableAt + i, LE));
            FloatVector a = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, low, LE));
            FloatVector b = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, low + STEP, LE));
            FloatVector swappedA = a.rearrange(Shuffles.SWAP)
                    .mul(s.rearrange(Shuffles.LOWER_TWICE))
                    .mul(signs);
            FloatVector swappedB = b.rearrange(Shuffles.SWAP)
                    .mul(s.rearrange(Shuffles.UPPER_TWICE))
                    .mul(signs);
            a.mul(c.rearrange(Shuffles.LOWER_TWICE)).add(swappedA).intoMemorySegment(y, low, LE);
            b.mul(c.rearrange(Shuffles.UPPER_TWICE)).add(swappedB).intoMemorySegment(y, low + STEP, LE);
        }
        for (long i = body; i < half; i += Float.BYTES) {
            float c = cos.get(SCALAR, tableAt + i);
            float s = sin.get(SCALAR, tableAt + i);
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
