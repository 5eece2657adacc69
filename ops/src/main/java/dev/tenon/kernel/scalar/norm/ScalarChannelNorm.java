package dev.tenon.kernel.scalar.norm;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.norm.ChannelNormProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Normalisation of float32 channels, computed in double. */
public final class ScalarChannelNorm implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_ELEMENTS = 8 << 10;
    private static final long NANOS_PER_ELEMENT = 3;

    private final ChannelNormProblem p;
    private final RowPartition split;
    private final long length;

    /**
     * A kernel.
     *
     * @param p the channels
     */
    public ScalarChannelNorm(ChannelNormProblem p) {
        this.p = p;
        this.length = p.members() * p.pixels();
        this.split = RowPartition.of(p.units(), length, PART_ELEMENTS);
    }

    @Override
    public String id() {
        return "channelnorm_f32_scalar";
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return split.most() * length * NANOS_PER_ELEMENT;
    }

    @Override
    public boolean inPlace(int input, int output) {
        return input == 0 && output == 0;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        long last = split.start(to);
        for (long unit = split.start(from); unit < last; unit++) {
            long at = unit * length * Float.BYTES;
            long group = unit % p.groups();
            double mean = p.given() ? operands[3].get(F32, group * Float.BYTES) : sum(x, at) / length;
            double variance = p.given() ? operands[4].get(F32, group * Float.BYTES) : squares(x, at, mean) / length;
            double inverse = 1 / Math.sqrt(variance + p.epsilon());
            for (long i = 0; i < p.members(); i++) {
                long channel = (group * p.members() + i) * Float.BYTES;
                double factor = operands[1].get(F32, channel) * inverse;
                double bias = operands[2].get(F32, channel);
                write(x, operands[p.output()], at + i * p.pixels() * Float.BYTES, mean, factor, bias);
            }
        }
    }

    private double sum(MemorySegment x, long at) {
        double sum = 0;
        for (long i = 0; i < length; i++) {
            sum += x.get(F32, at + i * Float.BYTES);
        }
        return sum;
    }

    private double squares(MemorySegment x, long at, double mean) {
        double sum = 0;
        for (long i = 0; i < length; i++) {
            double d = x.get(F32, at + i * Float.BYTES) - mean;
            sum += d * d;
        }
        return sum;
    }

    private void write(MemorySegment x, MemorySegment y, long at, double mean, double factor, double bias) {
        for (long i = at; i < at + p.pixels() * Float.BYTES; i += Float.BYTES) {
            y.set(F32, i, (float) ((x.get(F32, i) - mean) * factor + bias));
        }
    }
}
