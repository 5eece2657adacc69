package dev.tenon.kernel.scalar.pool;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.pool.PoolProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Maxima and averages of windows of float32 planes by plain loops. Sums are float64. */
public final class ScalarPool implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_ELEMENTS = 20_000;

    private final PoolProblem p;
    private final RowPartition partition;
    private final long rowWork;

    /**
     * Prepares the kernel of a problem.
     *
     * @param p the pooling; operands are input, output
     */
    public ScalarPool(PoolProblem p) {
        this.p = p;
        this.rowWork = p.window().columns().output() * p.window().taps();
        this.partition = RowPartition.of(p.planes() * p.window().rows().output(), rowWork, PART_ELEMENTS);
    }

    @Override
    public String id() {
        return "pool_f32_scalar";
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return 1 + partition.maxPartRows() * rowWork;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        int height = p.window().rows().output();
        int width = p.window().columns().output();
        for (long row = partition.start(from); row < partition.start(to); row++) {
            long plane = row / height * p.window().pixels() * Float.BYTES;
            poolRow(operands[0], plane, (int) (row % height), operands[1], row * width * Float.BYTES);
        }
    }

    private void poolRow(MemorySegment x, long plane, int window, MemorySegment y, long at) {
        Window2d.Axis rows = p.window().rows();
        Window2d.Axis columns = p.window().columns();
        long rowBytes = (long) columns.input() * Float.BYTES;
        int firstRow = rows.firstTap(window);
        int endRow = rows.endTap(window);
        long step = columns.dilation() * (long) Float.BYTES;
        long done = 0;
        for (int j = 0; j < columns.output(); j++) {
            int first = columns.firstTap(j);
            int count = columns.endTap(j) - first;
            long column = (columns.start(j) + (long) first * columns.dilation()) * Float.BYTES;
            double result = p.average() ? 0 : Double.NEGATIVE_INFINITY;
            for (int r = firstRow; r < endRow; r++) {
                done = WindowLooks.after(done + count);
                long from = plane + (rows.start(window) + (long) r * rows.dilation()) * rowBytes + column;
                result = p.average() ? result + sum(x, from, step, count) : Math.max(result, max(x, from, step, count));
            }
            if (p.average()) {
                long taps = p.countPadding()
                        ? (long) rows.paddedTaps(window) * columns.paddedTaps(j)
                        : (long) Math.max(0, endRow - firstRow) * Math.max(0, count);
                result /= taps;
            }
            y.set(F32, at + (long) j * Float.BYTES, (float) result);
        }
    }

    private static double sum(MemorySegment x, long from, long step, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += x.get(F32, from + i * step);
        }
        return sum;
    }

    private static float max(MemorySegment x, long from, long step, int count) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            max = Math.max(max, x.get(F32, from + i * step));
        }
        return max;
    }
}
