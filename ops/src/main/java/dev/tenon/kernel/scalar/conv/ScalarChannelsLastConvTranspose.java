package dev.tenon.kernel.scalar.conv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ConvProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Channels-last transposed convolution of float32 images by plain loops. Each output element sums the contributions of
 * the windows that cover it. Weights are row-major, sums are float64.
 */
public final class ScalarChannelsLastConvTranspose implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_WORK = 20_000;

    private final ConvProblem p;
    private final int channels;
    private final long pixelWork;
    private final RowPartition partition;
    private final TileEpilogue epilogue;

    /**
     * Prepares the kernel of a problem.
     *
     * @param p the forward convolution that this one transposes
     */
    public ScalarChannelsLastConvTranspose(ConvProblem p) {
        this.p = p;
        channels = p.groups() * p.outputChannels();
        pixelWork = channels * p.terms();
        partition = RowPartition.of(p.instances() * p.window().pixels(), pixelWork, PART_WORK);
        epilogue = TileEpilogue.withScratchAfter(p.epilogue(), 0);
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "convtranspose_f32_last_scalar");
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return 1 + partition.maxPartRows() * pixelWork;
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
                y.set(F32, (i * channels + m) * Float.BYTES, (float) (start + sum(operands[0], i, operands[1], m)));
            }
            if (epilogue != null) {
                epilogue.apply(y, i * channels * Float.BYTES, 1, channels, channels, operands, scratch);
            }
        }
    }

    /** The sum of the contributions to one channel of an output pixel. */
    private double sum(MemorySegment x, long pixel, MemorySegment w, int m) {
        Window2d.Axis rowAxis = p.window().rows();
        Window2d.Axis columnAxis = p.window().columns();
        long instance = pixel / p.window().pixels();
        double sum = 0;
        for (int r = 0; r < rowAxis.kernel(); r++) {
            int row = window(rowAxis, (int) (pixel / columnAxis.input() % rowAxis.input()), r);
            for (int t = 0; t < columnAxis.kernel() && row >= 0; t++) {
                int column = window(columnAxis, (int) (pixel % columnAxis.input()), t);
                if (column >= 0) {
                    long element = (instance * rowAxis.output() + row) * columnAxis.output() + column;
                    sum += products(x, element, w, m, r * columnAxis.kernel() + t);
                }
            }
        }
        return sum;
    }

    /** The window whose tap covers a position of the output, or -1. */
    private static int window(Window2d.Axis axis, int position, int tap) {
        int distance = position + axis.padBegin() - tap * axis.dilation();
        int window = Math.floorDiv(distance, axis.stride());
        return distance % axis.stride() == 0 && window >= 0 && window < axis.output() ? window : -1;
    }

    private double products(MemorySegment x, long element, MemorySegment w, int m, int tap) {
        long first = (long) m / p.outputChannels() * p.inputChannels();
        long from = element * p.groups() * p.inputChannels() + first;
        long taps = p.window().taps();
        double sum = 0;
        for (int c = 0; c < p.inputChannels(); c++) {
            long weight = ((first + c) * p.outputChannels() + m % p.outputChannels()) * taps + tap;
            sum += (double) x.get(F32, (from + c) * Float.BYTES) * w.get(F32, weight * Float.BYTES);
        }
        return sum;
    }
}
