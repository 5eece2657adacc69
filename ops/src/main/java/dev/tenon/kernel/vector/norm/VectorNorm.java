package dev.tenon.kernel.vector.norm;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.norm.NormProblem;
import dev.tenon.kernel.norm.NormProblem.Kind;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.reduce.RowReductions;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Normalisation of rows of float32 by vectors. Three loops run over each row while it is in the cache: the first
 * computes the mean, the second the sum of squared deviations from the mean, the third the result. The difference of
 * mean square and squared mean would save a loop, but would lose precision where the mean is far greater than the
 * deviation.
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
    private final long rowBytes;

    /** Bytes of a row that fill whole vectors. */
    private final long bodyBytes;

    VectorNorm(NormProblem p) {
        this.p = p;
        this.split = RowPartition.of(p.rows(), p.length(), PART_ELEMENTS);
        this.rowBytes = p.length() * Float.BYTES;
        this.bodyBytes = (p.length() - p.length() % LANES) * Float.BYTES;
    }

    /**
     * Makes the kernel.
     *
     * @param p the problem, which names the operands
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
        return split.maxPartRows() * (p.length() / ELEMENTS_PER_NANO + ROW_NANOS);
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
            row(x, y, row * rowBytes, operands[1], bias, scratch);
            setIfWanted(operands, p.output() + 1, row, scratch.get(SCALAR, 0));
            setIfWanted(operands, p.output() + 2, row, scratch.get(SCALAR, Float.BYTES));
        }
    }

    /**
     * Normalises a row.
     *
     * @param x the memory of the row
     * @param y the memory of the result, which may be the same
     * @param at the byte offset of the row in both
     * @param scale the scale
     * @param bias the bias, or null
     * @param scratch memory of {@link #scratchBytes}; it receives the mean and the inverse deviation as its first
     *     elements
     */
    void row(
            MemorySegment x, MemorySegment y, long at, MemorySegment scale, MemorySegment bias, MemorySegment scratch) {
        float mean = 0;
        double squares;
        if (p.kind() == Kind.LAYER) {
            mean = (float) (RowReductions.sum(x, at, p.length(), scratch) / p.length());
            squares = RowReductions.sumOfSquaredDeviations(x, at, p.length(), mean, scratch);
        } else {
            squares = RowReductions.sumOfSquares(x, at, p.length(), scratch);
        }
        float inverse = (float) (1 / Math.sqrt(squares / p.length() + p.epsilon()));
        write(x, y, at, scale, bias, mean, inverse);
        scratch.set(SCALAR, 0, mean);
        scratch.set(SCALAR, Float.BYTES, inverse);
    }

    /** Writes a statistic of a row, if it is an output. */
    private static void setIfWanted(MemorySegment[] operands, int output, long row, float value) {
        if (output < operands.length && operands[output] != null) {
            operands[output].set(SCALAR, row * Float.BYTES, value);
        }
    }

    /** Writes a row of results. */
    private void write(
            MemorySegment x,
            MemorySegment y,
            long at,
            MemorySegment scale,
            MemorySegment bias,
            float mean,
            float inverse) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        scale = NATIVE.cast(scale);
        bias = NATIVE.cast(bias);
        for (long i = 0; i < bodyBytes; i += STEP) {
            FloatVector v =
                    FloatVector.fromMemorySegment(F32, x, at + i, LE).sub(mean).mul(inverse);
            FloatVector s = FloatVector.fromMemorySegment(F32, scale, i, LE);
            FLOATS.cast(bias == null ? v.mul(s) : v.fma(s, FloatVector.fromMemorySegment(F32, bias, i, LE)))
                    .intoMemorySegment(y, at + i, LE);
        }
        for (long i = bodyBytes; i < rowBytes; i += Float.BYTES) {
            float v = (x.get(SCALAR, at + i) - mean) * inverse;
            float s = scale.get(SCALAR, i);
            y.set(SCALAR, at + i, bias == null ? v * s : Math.fma(v, s, bias.get(SCALAR, i)));
        }
    }
}
