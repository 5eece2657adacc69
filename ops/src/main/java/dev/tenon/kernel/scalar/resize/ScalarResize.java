package dev.tenon.kernel.scalar.resize;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.resize.ResizeProblem;
import dev.tenon.op.vision.ResizeTaps;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Resizing by scalar loops, with sums in double. */
public final class ScalarResize implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;
    private static final long PART_ELEMENTS = 8 << 10;

    private final ResizeProblem p;
    private final RowPartition partition;
    private final long rowElements;

    /**
     * A kernel.
     *
     * @param p the problem. The first operand is the data
     */
    public ScalarResize(ResizeProblem p) {
        this.p = p;
        this.rowElements = (long) p.columns().output() * p.inner();
        this.partition = RowPartition.of(p.outer() * p.rows().output(), rowElements, PART_ELEMENTS);
    }

    @Override
    public String id() {
        return "resize_f32_scalar";
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return 1
                + partition.maxPartRows()
                        * rowElements
                        * p.rows().most()
                        * p.columns().most()
                        * 2;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        MemorySegment y = operands[p.output()];
        int height = p.rows().output();
        long inputBytes = (long) p.columns().input() * p.inner() * Float.BYTES;
        for (long row = partition.start(from); row < partition.start(to); row++) {
            long plane = row / height * p.rows().input() * inputBytes;
            long out = row * rowElements * Float.BYTES;
            if (p.copies()) {
                copyRow(x, plane + p.rows().index()[(int) (row % height)] * inputBytes, y, out);
            } else {
                sumRow(x, plane, inputBytes, (int) (row % height), y, out);
            }
        }
    }

    private void copyRow(MemorySegment x, long row, MemorySegment y, long out) {
        int[] index = p.columns().index();
        int inner = p.inner();
        for (int j = 0; j < index.length; j++) {
            long from = row + (long) index[j] * inner * Float.BYTES;
            long to = out + (long) j * inner * Float.BYTES;
            for (long k = 0; k < (long) inner * Float.BYTES; k += Float.BYTES) {
                y.set(I32, to + k, x.get(I32, from + k));
            }
        }
    }

    private void sumRow(MemorySegment x, long plane, long rowBytes, int row, MemorySegment y, long out) {
        ResizeTaps rows = p.rows();
        ResizeTaps columns = p.columns();
        long innerBytes = (long) p.inner() * Float.BYTES;
        for (int j = 0; j < columns.output(); j++) {
            for (long k = 0; k < innerBytes; k += Float.BYTES) {
                double sum = 0;
                for (int r = rows.start()[row]; r < rows.start()[row + 1]; r++) {
                    long at = plane + rows.index()[r] * rowBytes + k;
                    sum += rows.weight()[r] * sum(x, at, innerBytes, columns, j);
                }
                y.set(F32, out + j * innerBytes + k, (float) sum);
            }
        }
    }

    private static double sum(MemorySegment x, long at, long step, ResizeTaps columns, int j) {
        double sum = 0;
        for (int i = columns.start()[j]; i < columns.start()[j + 1]; i++) {
            sum += columns.weight()[i] * x.get(F32, at + columns.index()[i] * step);
        }
        return sum;
    }
}
