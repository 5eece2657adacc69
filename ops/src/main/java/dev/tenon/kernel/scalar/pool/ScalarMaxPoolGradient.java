package dev.tenon.kernel.scalar.pool;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.pool.IndexedPoolProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Finds the maximum of each window anew, and adds the gradient of the window to it. A part has whole volumes. */
public final class ScalarMaxPoolGradient implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_ELEMENTS = 20_000;

    private final IndexedPoolProblem p;
    private final Window2d.Axis depth;
    private final Window2d.Axis rows;
    private final Window2d.Axis columns;
    private final RowPartition partition;
    private final long work;

    /**
     * Prepares the kernel of a problem.
     *
     * @param p the pooling; operands are input, gradient of the maxima, gradient of the input
     */
    public ScalarMaxPoolGradient(IndexedPoolProblem p) {
        this.p = p;
        this.depth = p.window().depth();
        this.rows = p.window().plane().rows();
        this.columns = p.window().plane().columns();
        this.work = p.window().voxels() + p.window().windows() * p.window().taps();
        this.partition = RowPartition.of(p.volumes(), work, PART_ELEMENTS);
    }

    @Override
    public String id() {
        return "pool_f32_gradient_scalar";
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return 1 + partition.maxPartRows() * work;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        for (long volume = partition.start(from); volume < partition.start(to); volume++) {
            long bytes = p.window().voxels() * Float.BYTES;
            operands[2].asSlice(volume * bytes, bytes).fill((byte) 0);
            long window = volume * p.window().windows();
            long done = 0;
            for (int d = 0; d < depth.output(); d++) {
                for (int r = 0; r < rows.output(); r++) {
                    for (int c = 0; c < columns.output(); c++) {
                        done = WindowLooks.after(done + p.window().taps());
                        long at = maximum(operands[0], volume, d, r, c);
                        add(operands, at, window++);
                    }
                }
            }
        }
    }

    private static void add(MemorySegment[] operands, long at, long window) {
        if (at >= 0) {
            float sum = operands[2].getAtIndex(F32, at) + operands[1].getAtIndex(F32, window);
            operands[2].setAtIndex(F32, at, sum);
        }
    }

    /** The index of the maximum of a window; -1 if it has no element. */
    private long maximum(MemorySegment x, long volume, int slice, int row, int column) {
        float max = Float.NEGATIVE_INFINITY;
        long index = -1;
        long start = volume * p.window().voxels();
        for (int d = depth.firstTap(slice); d < depth.endTap(slice); d++) {
            long z = depth.start(slice) + (long) d * depth.dilation();
            for (int r = rows.firstTap(row); r < rows.endTap(row); r++) {
                long y = rows.start(row) + (long) r * rows.dilation();
                long line = start + (z * rows.input() + y) * columns.input();
                for (int c = columns.firstTap(column); c < columns.endTap(column); c++) {
                    long at = line + columns.start(column) + (long) c * columns.dilation();
                    float v = x.getAtIndex(F32, at);
                    if (index < 0 || v > max || (Float.isNaN(v) && !Float.isNaN(max))) {
                        max = v;
                        index = at;
                    }
                }
            }
        }
        return index;
    }
}
