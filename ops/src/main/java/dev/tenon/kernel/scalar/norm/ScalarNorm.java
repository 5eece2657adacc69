package dev.tenon.kernel.scalar.norm;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.norm.NormProblem;
import dev.tenon.kernel.norm.NormProblem.Kind;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Normalisation of rows of float32 by plain loops, computed in double. */
public final class ScalarNorm implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_ELEMENTS = 8 << 10;
    private static final long NANOS_PER_ELEMENT = 3;

    private final NormProblem p;
    private final RowPartition split;

    /**
     * Makes the kernel.
     *
     * @param p the problem, which names the operands
     */
    public ScalarNorm(NormProblem p) {
        this.p = p;
        this.split = RowPartition.of(p.rows(), p.length(), PART_ELEMENTS);
    }

    @Override
    public String id() {
        return "norm_f32_scalar";
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return split.maxPartRows() * p.length() * NANOS_PER_ELEMENT;
    }

    @Override
    public boolean inPlace(int input, int output) {
        return input == 0 && output == 0;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        long last = split.start(to);
        for (long row = split.start(from); row < last; row++) {
            long at = row * p.length() * Float.BYTES;
            double mean = mean(x, at);
            double inverse = inverseDeviation(x, at, mean);
            write(x, operands[p.output()], at, operands[1], p.bias() ? operands[2] : null, mean, inverse);
            setIfWanted(operands, p.output() + 1, row, (float) mean);
            setIfWanted(operands, p.output() + 2, row, (float) inverse);
        }
    }

    /** Writes a statistic of a row, if it is an output. */
    private static void setIfWanted(MemorySegment[] operands, int output, long row, float value) {
        if (output < operands.length && operands[output] != null) {
            operands[output].set(F32, row * Float.BYTES, value);
        }
    }

    /** Normalises the row at an offset of x and writes it at the same offset of y, which may be the same memory. */
    void row(MemorySegment x, MemorySegment y, long at, MemorySegment scale, MemorySegment bias) {
        double mean = mean(x, at);
        write(x, y, at, scale, bias, mean, inverseDeviation(x, at, mean));
    }

    private double inverseDeviation(MemorySegment x, long at, double mean) {
        return 1 / Math.sqrt(squaredDeviations(x, at, mean) / p.length() + p.epsilon());
    }

    private double mean(MemorySegment x, long at) {
        if (p.kind() != Kind.LAYER) {
            return 0;
        }
        double sum = 0;
        for (long i = 0; i < p.length(); i++) {
            sum += x.get(F32, at + i * Float.BYTES);
        }
        return sum / p.length();
    }

    private double squaredDeviations(MemorySegment x, long at, double mean) {
        double sum = 0;
        for (long i = 0; i < p.length(); i++) {
            double d = x.get(F32, at + i * Float.BYTES) - mean;
            sum += d * d;
        }
        return sum;
    }

    private void write(
            MemorySegment x,
            MemorySegment y,
            long at,
            MemorySegment scale,
            MemorySegment bias,
            double mean,
            double inverse) {
        for (long i = 0; i < p.length(); i++) {
            long offset = i * Float.BYTES;
            double v = (x.get(F32, at + offset) - mean) * inverse * scale.get(F32, offset);
            y.set(F32, at + offset, (float) (bias == null ? v : v + bias.get(F32, offset)));
        }
    }
}
