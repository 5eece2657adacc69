package dev.tenon.kernel.scalar.conv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ChannelsLastConvProblem;
import dev.tenon.kernel.conv.ConvProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Channels-last convolution of float32 images by plain loops. Weights are row-major, sums are float64. */
public final class ScalarChannelsLastConv implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_WORK = 20_000;

    private final ConvProblem p;
    private final float lower;
    private final float upper;
    private final RowPartition partition;
    private final int channels;
    private final TileEpilogue epilogue;

    /**
     * Prepares the kernel of a problem.
     *
     * @param p the convolution
     */
    public ScalarChannelsLastConv(ChannelsLastConvProblem p) {
        this.p = p.conv();
        lower = p.lower();
        upper = p.upper();
        channels = this.p.groups() * this.p.outputChannels();
        partition =
                RowPartition.of(this.p.instances() * this.p.window().windows(), channels * this.p.terms(), PART_WORK);
        epilogue = TileEpilogue.withScratchAfter(this.p.epilogue(), 0);
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "conv_f32_last_scalar");
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return 1 + partition.maxPartRows() * channels * p.terms();
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, 0);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment y = operands[p.output()];
        for (long i = partition.start(from); i < partition.start(to); i++) {
            for (int m = 0; m < channels; m++) {
                double start = p.bias() < 0 ? 0 : operands[p.bias()].get(F32, (long) m * Float.BYTES);
                float value = (float) (start + sum(operands[0], i, operands[1], m));
                value = value < lower ? lower : value;
                value = value > upper ? upper : value;
                y.set(F32, (i * channels + m) * Float.BYTES, value);
            }
            if (epilogue != null) {
                epilogue.apply(y, i * channels * Float.BYTES, 1, channels, channels, operands, scratch);
            }
        }
    }

    /** The sum of a window for one output channel. */
    private double sum(MemorySegment x, long index, MemorySegment w, int m) {
        Window2d.Axis rowAxis = p.window().rows();
        Window2d.Axis columnAxis = p.window().columns();
        int column = (int) (index % columnAxis.output());
        int row = (int) (index / columnAxis.output() % rowAxis.output());
        long inputRow = index / p.window().windows() * rowAxis.input() + rowAxis.start(row);
        int pixelChannels = p.groups() * p.inputChannels();
        double sum = 0;
        for (int r = rowAxis.firstTap(row); r < rowAxis.endTap(row); r++) {
            for (int t = columnAxis.firstTap(column); t < columnAxis.endTap(column); t++) {
                long pixel = (inputRow + (long) r * rowAxis.dilation()) * columnAxis.input()
                        + columnAxis.start(column)
                        + (long) t * columnAxis.dilation();
                long from = pixel * pixelChannels + (long) m / p.outputChannels() * p.inputChannels();
                long weight = (long) m * p.terms() + (long) r * columnAxis.kernel() + t;
                for (int c = 0; c < p.inputChannels(); c++) {
                    sum += (double) x.get(F32, (from + c) * Float.BYTES)
                            * w.get(F32, (weight + c * p.window().taps()) * Float.BYTES);
                }
            }
        }
        return sum;
    }
}
