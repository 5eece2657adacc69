package dev.tenon.kernel.scalar.conv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ConvProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Transposed convolution of float32 planes by plain loops. An output row is the sum of input rows, each spread by the
 * stride and times one weight. Sums are float64.
 */
public final class ScalarConvTranspose implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE;
    private static final long PART_WORK = 20_000;

    private final ConvProblem p;
    private final RowPartition partition;
    private final long rowWork;
    private final TileEpilogue epilogue;

    /**
     * Prepares the kernel of a problem.
     *
     * @param p the forward convolution that this one transposes
     */
    public ScalarConvTranspose(ConvProblem p) {
        this.p = p;
        Window2d.Axis rows = p.window().rows();
        this.rowWork = p.window().columns().output() * p.terms() / Math.min(rows.stride(), rows.kernel());
        long count = (long) p.instances() * p.groups() * p.outputChannels() * rows.input();
        this.partition = RowPartition.of(count, rowWork, PART_WORK);
        this.epilogue = TileEpilogue.withScratchAfter(p.epilogue(), sumBytes());
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "convtranspose_f32_scalar");
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
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, sumBytes());
    }

    /** The bytes of the sums of a row. */
    private long sumBytes() {
        return (long) p.window().columns().input() * Double.BYTES;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment y = operands[p.output()];
        int width = p.window().columns().input();
        for (long row = partition.start(from); row < partition.start(to); row++) {
            long plane = row / p.window().rows().input();
            long m = plane % ((long) p.groups() * p.outputChannels());
            float start = p.bias() < 0 ? 0 : operands[p.bias()].get(F32, m * Float.BYTES);
            for (int j = 0; j < width; j++) {
                scratch.set(F64, (long) j * Double.BYTES, start);
            }
            long group = plane / p.outputChannels();
            for (int c = 0; c < p.inputChannels(); c++) {
                long channel = group % p.groups() * p.inputChannels() + c;
                long weights = (channel * p.outputChannels() + m % p.outputChannels())
                        * p.window().taps();
                long x = (group * p.inputChannels() + c) * p.window().windows();
                addPlane(operands, x, weights, (int) (row % p.window().rows().input()), scratch);
            }
            for (int j = 0; j < width; j++) {
                y.set(F32, (row * width + j) * Float.BYTES, (float) scratch.get(F64, (long) j * Double.BYTES));
            }
            if (epilogue != null) {
                epilogue.apply(y, row * width * Float.BYTES, 1, width, width, operands, scratch);
            }
        }
    }

    private void addPlane(MemorySegment[] operands, long plane, long weights, int row, MemorySegment sums) {
        Window2d.Axis rows = p.window().rows();
        Window2d.Axis columns = p.window().columns();
        for (int r = 0; r < rows.kernel(); r++) {
            int distance = row + rows.padBegin() - r * rows.dilation();
            int window = Math.floorDiv(distance, rows.stride());
            if (distance % rows.stride() != 0 || window < 0 || window >= rows.output()) {
                continue;
            }
            for (int t = 0; t < columns.kernel(); t++) {
                float weight = operands[1].get(F32, (weights + (long) r * columns.kernel() + t) * Float.BYTES);
                int first = columns.firstWindow(t);
                int count = columns.endWindow(t) - first;
                long at = (plane + (long) window * columns.output() + first) * Float.BYTES;
                int to = columns.start(first) + t * columns.dilation();
                addRow(weight, operands[0], at, count, sums, to, columns.stride());
            }
        }
    }

    private static void addRow(
            double weight, MemorySegment x, long at, int count, MemorySegment sums, int first, int stride) {
        for (int j = 0; j < count; j++) {
            long to = (first + (long) j * stride) * Double.BYTES;
            sums.set(F64, to, sums.get(F64, to) + weight * x.get(F32, at + (long) j * Float.BYTES));
        }
    }
}
