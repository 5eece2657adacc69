package dev.tenon.kernel.scalar.pool;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.pool.IndexedPoolProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Maxima of windows of float32 volumes and where they lie, by plain loops. The first NaN of a window is its maximum, else the first of equal ones. */
public final class ScalarIndexedPool implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;
    private static final long PART_ELEMENTS = 20_000;

    private final IndexedPoolProblem p;
    private final Window2d.Axis depth;
    private final Window2d.Axis rows;
    private final Window2d.Axis columns;
    private final RowPartition split;
    private final long rowWork;

    /**
     * A kernel.
     *
     * @param p the volumes; operands are input, maxima, indices
     */
    public ScalarIndexedPool(IndexedPoolProblem p) {
        this.p = p;
        this.depth = p.window().depth();
        this.rows = p.window().plane().rows();
        this.columns = p.window().plane().columns();
        this.rowWork = columns.output() * p.window().taps();
        this.split = RowPartition.of(p.volumes() * depth.output() * rows.output(), rowWork, PART_ELEMENTS);
    }

    @Override
    public String id() {
        return "pool_f32_indexed_scalar";
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return 1 + split.most() * rowWork;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        long count = (long) depth.output() * rows.output();
        for (long row = split.start(from); row < split.start(to); row++) {
            int slice = (int) (row % count / rows.output());
            for (int j = 0; j < columns.output(); j++) {
                window(operands, row / count, slice, (int) (row % rows.output()), j, row * columns.output() + j);
            }
        }
    }

    private void window(MemorySegment[] operands, long volume, int slice, int row, int column, long to) {
        float most = Float.NEGATIVE_INFINITY;
        long found = -1;
        long start = volume * p.window().voxels();
        for (int d = depth.firstTap(slice); d < depth.endTap(slice); d++) {
            long z = depth.start(slice) + (long) d * depth.dilation();
            for (int r = rows.firstTap(row); r < rows.endTap(row); r++) {
                long y = rows.start(row) + (long) r * rows.dilation();
                long line = start + (z * rows.input() + y) * columns.input();
                for (int c = columns.firstTap(column); c < columns.endTap(column); c++) {
                    long x = columns.start(column) + (long) c * columns.dilation();
                    float v = operands[0].get(F32, (line + x) * Float.BYTES);
                    if (found < 0 || v > most || (Float.isNaN(v) && !Float.isNaN(most))) {
                        most = v;
                        found = start + z * p.depthStep() + y * p.rowStep() + x * p.columnStep();
                    }
                }
            }
        }
        operands[1].set(F32, to * Float.BYTES, most);
        operands[2].set(I64, to * Long.BYTES, found);
    }
}
