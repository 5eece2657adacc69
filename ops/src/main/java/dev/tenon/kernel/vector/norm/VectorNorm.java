package dev.tenon.kernel.vector.norm;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.norm.NormProblem;
import dev.tenon.kernel.norm.NormProblem.Kind;
import dev.tenon.kernel.vector.PlainRows;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.reduce.RowReductions;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Normalisation of rows of float32, a row at a time, so that it is read from memory once: its mean, then the sum of
 * squared differences from it, which loses nothing where the mean is far greater than the deviation, then the result.
 */
public final class VectorNorm implements Kernel {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int LANES = SimdSpecies.LANES;
    private static final long STEP = (long) LANES * Float.BYTES;
    private static final long PART_ELEMENTS = 64 << 10;
    private static final long ELEMENTS_PER_NANO = 5;
    private static final long ROW_NANOS = 40;

    private final NormProblem p;
    private final RowPartition split;
    private final long bytes;
    private final long body;

    VectorNorm(NormProblem p) {
        this.p = p;
        this.split = RowPartition.of(p.rows(), p.length(), PART_ELEMENTS);
        this.bytes = p.length() * Float.BYTES;
        this.body = (p.length() - p.length() % LANES) * Float.BYTES;
    }

    /**
     * A kernel.
     *
     * @param p the rows; operands are input, scale, bias if there is one, and the outputs
     * @return the kernel
     */
    public static Kernel of(NormProblem p) {
        return new VectorNorm(p);
    }

    @Override
    public String id() {
        return "norm_f32_vector" + SimdSpecies.BITS;
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return split.most() * (p.length() / ELEMENTS_PER_NANO + ROW_NANOS);
    }

    @Override
    public long scratchBytes() {
        return STEP;
    }

    @Override
    public boolean inPlace(int input, int output) {
        return input == 0 && output == 0;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        MemorySegment y = operands[p.output()];
        long last = split.start(to);
        MemorySegment bias = p.bias() ? operands[2] : null;
        for (long row = split.start(from); row < last; row++) {
            row(x, y, row * bytes, operands[1], bias, scratch);
            set(operands, p.output() + 1, row, scratch.get(SCALAR, 0));
            set(operands, p.output() + 2, row, scratch.get(SCALAR, Float.BYTES));
        }
    }

    /**
     * Normalises a row.
     *
     * @param x where the row is
     * @param y where the result goes, which may be the same memory
     * @param at the offset of the row in both
     * @param scale the scale
     * @param bias the bias, or null
     * @param scratch memory of {@link #scratchBytes}; the mean and the factor are in front of it afterwards
     */
    void row(
            MemorySegment x, MemorySegment y, long at, MemorySegment scale, MemorySegment bias, MemorySegment scratch) {
        float mean = 0;
        double squares;
        if (p.kind() == Kind.LAYER) {
            mean = (float) (RowReductions.sum(x, at, p.length(), scratch) / p.length());
            squares = RowReductions.sumOfDeviations(x, at, p.length(), mean, scratch);
        } else {
            squares = RowReductions.sumOfSquares(x, at, p.length(), scratch);
        }
        float inverse = (float) (1 / Math.sqrt(squares / p.length() + p.epsilon()));
        if (bias != null) {
            shifted(x, y, at, scale, bias, mean, inverse);
        } else {
            scaled(x, y, at, scale, mean, inverse);
        }
        scratch.set(SCALAR, 0, mean);
        scratch.set(SCALAR, Float.BYTES, inverse);
    }

    private static void set(MemorySegment[] operands, int output, long row, float value) {
        if (output < operands.length && operands[output] != null) {
            operands[output].set(SCALAR, row * Float.BYTES, value);
        }
    }

    private void shifted(
            MemorySegment x,
            MemorySegment y,
            long at,
            MemorySegment scale,
            MemorySegment bias,
            float mean,
            float inverse) {
        if (!NormWarmUps.SHIFT.over()) {
            PlainRows.shift(x, y, at, scale, bias, mean, inverse, (int) p.length());
            return;
        }
        shiftVectors(x, y, at, scale, bias, mean, inverse, body);
        for (long i = body; i < bytes; i += Float.BYTES) {
            float normalized = (x.get(SCALAR, at + i) - mean) * inverse;
            y.set(SCALAR, at + i, Math.fma(normalized, scale.get(SCALAR, i), bias.get(SCALAR, i)));
        }
    }

    static void shiftVectors(
            MemorySegment x,
            MemorySegment y,
            long at,
            MemorySegment scale,
            MemorySegment bias,
            float mean,
            float inverse,
            long body) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        scale = NATIVE.cast(scale);
        bias = NATIVE.cast(bias);
        FloatVector m = FloatVector.broadcast(F32, mean);
        FloatVector f = FloatVector.broadcast(F32, inverse);
        for (long i = 0; i < body; i += STEP) {
            FloatVector normalized = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, at + i, LE))
                    .sub(m)
                    .mul(f);
            normalized
                    .fma(
                            FloatVector.fromMemorySegment(F32, scale, i, LE),
                            FloatVector.fromMemorySegment(F32, bias, i, LE))
                    .intoMemorySegment(y, at + i, LE);
        }
    }

    private void scaled(MemorySegment x, MemorySegment y, long at, MemorySegment scale, float mean, float inverse) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        scale = NATIVE.cast(scale);
        FloatVector m = FloatVector.broadcast(F32, mean);
        FloatVector f = FloatVector.broadcast(F32, inverse);
        for (long i = 0; i < body; i += STEP) {
            FLOATS.cast(FloatVector.fromMemorySegment(F32, x, at + i, LE))
                    .sub(m)
                    .mul(f)
                    .mul(FloatVector.fromMemorySegment(F32, scale, i, LE))
                    .intoMemorySegment(y, at + i, LE);
        }
        for (long i = body; i < bytes; i += Float.BYTES) {
            y.set(SCALAR, at + i, (x.get(SCALAR, at + i) - mean) * inverse * scale.get(SCALAR, i));
        }
    }
}
