package dev.tenon.kernel.vector.norm;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.norm.ChannelNormProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.reduce.RowReductions;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Normalisation of float32 channels by vectors. A unit of work is a group of channels. The mean is subtracted before
 * the factor is applied: {@code x * factor - mean * factor} could cancel and lose precision.
 */
public final class VectorChannelNorm implements Kernel {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final long STEP = (long) SimdSpecies.LANES * Float.BYTES;
    private static final long PART_ELEMENTS = 64 << 10;
    private static final long ELEMENTS_PER_NANO = 5;
    private static final long CHANNEL_NANOS = 30;

    private final ChannelNormProblem p;
    private final RowPartition split;
    private final long groupLength;
    private final long channelBytes;

    private VectorChannelNorm(ChannelNormProblem p) {
        this.p = p;
        this.groupLength = p.groupChannels() * p.pixels();
        this.split = RowPartition.of(p.allGroups(), groupLength, PART_ELEMENTS);
        this.channelBytes = p.pixels() * Float.BYTES;
    }

    /**
     * Makes the kernel.
     *
     * @param p the problem, which names the operands
     * @return the kernel
     */
    public static Kernel of(ChannelNormProblem p) {
        return new VectorChannelNorm(p);
    }

    @Override
    public String id() {
        return "channelnorm_f32_vector" + SimdSpecies.BITS;
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return split.maxPartRows() * (groupLength / ELEMENTS_PER_NANO + p.groupChannels() * CHANNEL_NANOS);
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
        for (long i = split.start(from); i < last; i++) {
            long at = i * groupLength * Float.BYTES;
            long group = i % p.groups();
            float mean;
            double variance;
            if (p.givenStatistics()) {
                mean = operands[3].get(SCALAR, group * Float.BYTES);
                variance = operands[4].get(SCALAR, group * Float.BYTES);
            } else {
                mean = (float) (RowReductions.sum(x, at, groupLength, scratch) / groupLength);
                variance = RowReductions.sumOfSquaredDeviations(x, at, groupLength, mean, scratch) / groupLength;
            }
            double inverse = 1 / Math.sqrt(variance + p.epsilon());
            for (long c = 0; c < p.groupChannels(); c++) {
                long channel = (group * p.groupChannels() + c) * Float.BYTES;
                float factor = (float) (operands[1].get(SCALAR, channel) * inverse);
                float bias = operands[2].get(SCALAR, channel);
                write(x, y, at + c * channelBytes, at + (c + 1) * channelBytes, mean, factor, bias);
            }
        }
    }

    private static void write(
            MemorySegment x, MemorySegment y, long from, long to, float mean, float factor, float bias) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        FloatVector m = FloatVector.broadcast(F32, mean);
        FloatVector f = FloatVector.broadcast(F32, factor);
        FloatVector b = FloatVector.broadcast(F32, bias);
        long i = from;
        for (; i <= to - STEP; i += STEP) {
            FLOATS.cast(FloatVector.fromMemorySegment(F32, x, i, LE))
                    .sub(m)
                    .fma(f, b)
                    .intoMemorySegment(y, i, LE);
        }
        for (; i < to; i += Float.BYTES) {
            y.set(SCALAR, i, Math.fma(x.get(SCALAR, i) - mean, factor, bias));
        }
    }
}
