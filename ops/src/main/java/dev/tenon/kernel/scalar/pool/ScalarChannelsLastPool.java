package dev.tenon.kernel.scalar.pool;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.pool.ChannelsLastPoolProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Maxima and averages of windows of float32 planes whose channels lie last by plain loops, sums in double. */
public final class ScalarChannelsLastPool implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_WORK = 20_000;

    private final ChannelsLastPoolProblem p;
    private final RowPartition split;

    /**
     * A kernel.
     *
     * @param p the planes
     */
    public ScalarChannelsLastPool(ChannelsLastPoolProblem p) {
        this.p = p;
        split = RowPartition.of(
                p.instances() * p.window().windows(), p.channels() * p.window().taps(), PART_WORK);
    }

    @Override
    public String id() {
        return "pool_f32_last_scalar";
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return 1 + split.most() * p.channels() * p.window().taps();
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        Window2d.Axis down = p.window().rows();
        Window2d.Axis across = p.window().columns();
        for (long i = split.start(from); i < split.start(to); i++) {
            int column = (int) (i % across.output());
            int row = (int) (i / across.output() % down.output());
            long line = i / p.window().windows() * down.input() + down.start(row);
            for (int c = 0; c < p.channels(); c++) {
                long at = (line * across.input() + across.start(column)) * p.channels() + c;
                float result = (float) window(operands[0], at, row, column);
                operands[1].set(F32, (i * p.channels() + c) * Float.BYTES, result);
            }
        }
    }

    private double window(MemorySegment x, long at, int row, int column) {
        Window2d.Axis down = p.window().rows();
        Window2d.Axis across = p.window().columns();
        double result = p.average() ? 0 : Double.NEGATIVE_INFINITY;
        long taps = 0;
        for (int r = down.firstTap(row); r < down.endTap(row); r++) {
            for (int t = across.firstTap(column); t < across.endTap(column); t++) {
                long pixel = (long) r * down.dilation() * across.input() + (long) t * across.dilation();
                float value = x.get(F32, (at + pixel * p.channels()) * Float.BYTES);
                result = p.average() ? result + value : Math.max(result, value);
                taps++;
            }
        }
        if (!p.average()) {
            return result;
        }
        return result / (p.countPadding() ? (long) down.paddedTaps(row) * across.paddedTaps(column) : taps);
    }
}
