package dev.tenon.kernel.scalar.pool;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.pool.ChannelsLastPoolProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Channels-last maxima and averages of windows of float32 images by plain loops. Sums are float64. */
public final class ScalarChannelsLastPool implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_WORK = 20_000;

    private final ChannelsLastPoolProblem p;
    private final RowPartition partition;

    /**
     * Prepares the kernel of a problem.
     *
     * @param p the pooling
     */
    public ScalarChannelsLastPool(ChannelsLastPoolProblem p) {
        this.p = p;
        partition = RowPartition.of(
                p.instances() * p.window().windows(), p.channels() * p.window().taps(), PART_WORK);
    }

    @Override
    public String id() {
        return "pool_f32_last_scalar";
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return 1 + partition.maxPartRows() * p.channels() * p.window().taps();
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        Window2d.Axis rowAxis = p.window().rows();
        Window2d.Axis columnAxis = p.window().columns();
        long done = 0;
        for (long i = partition.start(from); i < partition.start(to); i++) {
            int column = (int) (i % columnAxis.output());
            int row = (int) (i / columnAxis.output() % rowAxis.output());
            long inputRow = i / p.window().windows() * rowAxis.input() + rowAxis.start(row);
            for (int c = 0; c < p.channels(); c++) {
                done = WindowLooks.after(done + p.window().taps());
                long at = (inputRow * columnAxis.input() + columnAxis.start(column)) * p.channels() + c;
                float result = (float) poolWindow(operands[0], at, row, column);
                operands[1].set(F32, (i * p.channels() + c) * Float.BYTES, result);
            }
        }
    }

    private double poolWindow(MemorySegment x, long at, int row, int column) {
        Window2d.Axis rowAxis = p.window().rows();
        Window2d.Axis columnAxis = p.window().columns();
        double result = p.average() ? 0 : Double.NEGATIVE_INFINITY;
        long taps = 0;
        long done = 0;
        for (int r = rowAxis.firstTap(row); r < rowAxis.endTap(row); r++) {
            done = WindowLooks.after(done + columnAxis.kernel());
            for (int t = columnAxis.firstTap(column); t < columnAxis.endTap(column); t++) {
                long pixel = (long) r * rowAxis.dilation() * columnAxis.input() + (long) t * columnAxis.dilation();
                float value = x.get(F32, (at + pixel * p.channels()) * Float.BYTES);
                result = p.average() ? result + value : Math.max(result, value);
                taps++;
            }
        }
        if (!p.average()) {
            return result;
        }
        return result / (p.countPadding() ? (long) rowAxis.paddedTaps(row) * columnAxis.paddedTaps(column) : taps);
    }
}
