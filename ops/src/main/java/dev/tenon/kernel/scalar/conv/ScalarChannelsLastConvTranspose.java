package dev.tenon.kernel.scalar.conv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ConvProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Transposed convolution of float32 planes whose channels lie last by plain loops, weights row-major: an element of the
 * output is the sum of what the windows that it lies in give it. Sums in double.
 */
public final class ScalarChannelsLastConvTranspose implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_WORK = 20_000;

    private final ConvProblem p;
    private final int channels;
    private final long pixelWork;
    private final RowPartition split;
    private final TileEpilogue epilogue;

    /**
     * A kernel.
     *
     * @param p the convolution that this is the adjoint of
     */
    public ScalarChannelsLastConvTranspose(ConvProblem p) {
        this.p = p;
        channels = p.groups() * p.outputs();
        pixelWork = channels * p.terms();
        split = RowPartition.of(p.instances() * p.window().pixels(), pixelWork, PART_WORK);
        epilogue = TileEpilogue.behind(p.epilogue(), 0);
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "convtranspose_f32_last_scalar");
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return 1 + split.most() * pixelWork;
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
                y.set(F32, (i * channels + m) * Float.BYTES, (float) (start + sum(operands[0], i, operands[1], m)));
            }
            if (epilogue != null) {
                epilogue.apply(y, i * channels * Float.BYTES, 1, channels, channels, operands, scratch);
            }
        }
    }

    /** What the windows over a pixel of the output give to one of its channels. */
    private double sum(MemorySegment x, long pixel, MemorySegment w, int m) {
        Window2d.Axis down = p.window().rows();
        Window2d.Axis across = p.window().columns();
        long instance = pixel / p.window().pixels();
        double sum = 0;
        for (int r = 0; r < down.kernel(); r++) {
            int row = window(down, (int) (pixel / across.input() % down.input()), r);
            for (int t = 0; t < across.kernel() && row >= 0; t++) {
                int column = window(across, (int) (pixel % across.input()), t);
                if (column >= 0) {
                    long element = (instance * down.output() + row) * across.output() + column;
                    sum += products(x, element, w, m, r * across.kernel() + t);
                }
            }
        }
        return sum;
    }

    /** The window whose tap lies on a place of the output, or -1. */
    private static int window(Window2d.Axis axis, int place, int tap) {
        int distance = place + axis.padBegin() - tap * axis.dilation();
        int window = Math.floorDiv(distance, axis.stride());
        return distance % axis.stride() == 0 && window >= 0 && window < axis.output() ? window : -1;
    }

    private double products(MemorySegment x, long element, MemorySegment w, int m, int tap) {
        long first = (long) m / p.outputs() * p.inputs();
        long from = element * p.groups() * p.inputs() + first;
        long taps = p.window().taps();
        double sum = 0;
        for (int c = 0; c < p.inputs(); c++) {
            long weight = ((first + c) * p.outputs() + m % p.outputs()) * taps + tap;
            sum += (double) x.get(F32, (from + c) * Float.BYTES) * w.get(F32, weight * Float.BYTES);
        }
        return sum;
    }
}
