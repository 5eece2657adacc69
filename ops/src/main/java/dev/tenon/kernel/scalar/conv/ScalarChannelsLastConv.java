package dev.tenon.kernel.scalar.conv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ChannelsLastConvProblem;
import dev.tenon.kernel.conv.ConvProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Convolution of float32 planes whose channels lie last by plain loops, weights row-major, sums in double. */
public final class ScalarChannelsLastConv implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_WORK = 20_000;

    private final ConvProblem p;
    private final float least;
    private final float greatest;
    private final RowPartition split;
    private final int channels;
    private final TileEpilogue epilogue;

    /**
     * A kernel.
     *
     * @param p the convolution
     */
    public ScalarChannelsLastConv(ChannelsLastConvProblem p) {
        this.p = p.conv();
        least = p.least();
        greatest = p.greatest();
        channels = this.p.groups() * this.p.outputs();
        split = RowPartition.of(this.p.instances() * this.p.window().windows(), channels * this.p.terms(), PART_WORK);
        epilogue = TileEpilogue.behind(this.p.epilogue(), 0);
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "conv_f32_last_scalar");
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return 1 + split.most() * channels * p.terms();
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, 0);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment y = operands[p.output()];
        for (long i = split.start(from); i < split.start(to); i++) {
            for (int m = 0; m < channels; m++) {
                double start = p.bias() < 0 ? 0 : operands[p.bias()].get(F32, (long) m * Float.BYTES);
                float value = (float) (start + sum(operands[0], i, operands[1], m));
                value = value < least ? least : value;
                value = value > greatest ? greatest : value;
                y.set(F32, (i * channels + m) * Float.BYTES, value);
            }
            if (epilogue != null) {
                epilogue.apply(y, i * channels * Float.BYTES, 1, channels, channels, operands, scratch);
            }
        }
    }

    /** The sum of a window for an output channel. */
    private double sum(MemorySegment x, long index, MemorySegment w, int m) {
        Window2d.Axis down = p.window().rows();
        Window2d.Axis across = p.window().columns();
        int column = (int) (index % across.output());
        int row = (int) (index / across.output() % down.output());
        long line = index / p.window().windows() * down.input() + down.start(row);
        int all = p.groups() * p.inputs();
        double sum = 0;
        for (int r = down.firstTap(row); r < down.endTap(row); r++) {
            for (int t = across.firstTap(column); t < across.endTap(column); t++) {
                long pixel = (line + (long) r * down.dilation()) * across.input()
                        + across.start(column)
                        + (long) t * across.dilation();
                long from = pixel * all + (long) m / p.outputs() * p.inputs();
                long weight = (long) m * p.terms() + (long) r * across.kernel() + t;
                for (int c = 0; c < p.inputs(); c++) {
                    sum += (double) x.get(F32, (from + c) * Float.BYTES)
                            * w.get(F32, (weight + c * p.window().taps()) * Float.BYTES);
                }
            }
        }
        return sum;
    }
}
