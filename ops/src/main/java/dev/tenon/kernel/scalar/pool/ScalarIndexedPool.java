package dev.tenon.kernel.scalar.pool;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.pool.IndexedPoolProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Maxima of windows of float32 volumes and their indices by plain loops. If a window has NaN, its first NaN is the
 * maximum. Among equal maxima the first is taken.
 */
public final class ScalarIndexedPool implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;
    private static final long PART_ELEMENTS = 20_000;

    private final IndexedPoolProblem p;
    private final Window2d.Axis depth;
    private final Window2d.Axis rows;
    private final Window2d.Axis columns;
    private final RowPartition partition;
    private final long rowWork;

    /**
     * Prepares the kernel of a problem.
     *
     * @param p the pooling; operands are input, maxima, indices
     */
    public ScalarIndexedPool(IndexedPoolProblem p) {
        this.p = p;
        this.depth = p.window().depth();
        this.rows = p.window().plane().rows();
        this.columns = p.window().plane().columns();
        this.rowWork = columns.output() * p.window().taps();
        this.partition = RowPartition.of(p.volumes() * depth.output() * rows.output(), rowWork, PART_ELEMENTS);
    }

    @Override
    public String id() {
        return "pool_f32_indexed_scalar";
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
        long count = (long) depth.output() * rows.output();
        for (long row = partition.start(from); row < partition.start(to); row++) {
            int slice = (int) (row % count / rows.output());
            long done = 0;
            for (int j = 0; j < columns.output(); j++) {
                done = WindowLooks.after(done + p.window().taps());
                poolWindow(operands, row / count, slice, (int) (row % rows.output()), j, row * columns.output() + j);
            }
        }
    }

    private void poolWindow(MemorySegment[] operands, long volume, int slice, int row, int column, long output) {
        float max = Float.NEGATIVE_INFINITY;
        long index = -1;
        long done = 0;
        long start = volume * p.window().voxels();
        for (int d = depth.firstTap(slice); d < depth.endTap(slice); d++) {
            long z = depth.start(slice) + (long) d * depth.dilation();
            for (int r = rows.firstTap(row); r < rows.endTap(row); r++) {
                long y = rows.start(row) + (long) r * rows.dilation();
                done = WindowLooks.after(done + columns.kernel());
                long line = start + (z * rows.input() + y) * columns.input();
                for (int c = columns.firstTap(column); c < columns.endTap(column); c++) {
                    long x = columns.start(column) + (long) c * columns.dilation();
                    float v = operands[0].get(F32, (line + x) * Float.BYTES);
                    if (index < 0 || v > max || (Float.isNaN(v) && !Float.isNaN(max))) {
                        max = v;
                        index = start + z * p.depthStride() + y * p.rowStride() + x * p.columnStride();
                    }
                }
            }
        }
        operands[1].set(F32, output * Float.BYTES, max);
        operands[2].set(I64, output * Long.BYTES, index);
    }
}
