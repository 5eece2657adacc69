package dev.tenon.kernel.scalar.norm;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.norm.ChannelNormProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Normalisation of float32 channels by plain loops, computed in double. A unit of work is a group of channels. */
public final class ScalarChannelNorm implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_ELEMENTS = 8 << 10;
    private static final long NANOS_PER_ELEMENT = 3;

    private final ChannelNormProblem p;
    private final RowPartition split;
    private final long groupLength;

    /**
     * Makes the kernel.
     *
     * @param p the problem, which names the operands
     */
    public ScalarChannelNorm(ChannelNormProblem p) {
        this.p = p;
        this.groupLength = p.groupChannels() * p.pixels();
        this.split = RowPartition.of(p.allGroups(), groupLength, PART_ELEMENTS);
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
        return split.maxPartRows() * groupLength * NANOS_PER_ELEMENT;
    }

    @Override
    public boolean inPlace(int input, int output) {
        return input == 0 && output == 0;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        long last = split.start(to);
        for (long i = split.start(from); i < last; i++) {
            long at = i * groupLength * Float.BYTES;
            long group = i % p.groups();
            boolean given = p.givenStatistics();
            double mean = given ? operands[3].get(F32, group * Float.BYTES) : sum(x, at) / groupLength;
            double variance =
                    given ? operands[4].get(F32, group * Float.BYTES) : squaredDeviations(x, at, mean) / groupLength;
            double inverse = 1 / Math.sqrt(variance + p.epsilon());
            for (long c = 0; c < p.groupChannels(); c++) {
                long channel = (group * p.groupChannels() + c) * Float.BYTES;
                double factor = operands[1].get(F32, channel) * inverse;
                double bias = operands[2].get(F32, channel);
                write(x, operands[p.output()], at + c * p.pixels() * Float.BYTES, mean, factor, bias);
            }
        }
    }

    private double sum(MemorySegment x, long at) {
        double sum = 0;
        for (long i = 0; i < groupLength; i++) {
            sum += x.get(F32, at + i * Float.BYTES);
        }
        return sum;
    }

    private double squaredDeviations(MemorySegment x, long at, double mean) {
        double sum = 0;
        for (long i = 0; i < groupLength; i++) {
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
