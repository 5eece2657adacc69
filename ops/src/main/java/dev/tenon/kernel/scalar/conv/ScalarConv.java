package dev.tenon.kernel.scalar.conv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ConvProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Convolution of float32 planes by plain loops. An output row is the sum of input rows, each times one weight, so that
 * the inner loop runs over consecutive memory. Sums are float64.
 */
public final class ScalarConv implements Kernel {
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
     * @param p the convolution
     */
    public ScalarConv(ConvProblem p) {
        this.p = p;
        this.rowWork = p.window().columns().output() * p.terms();
        long rows = (long) p.instances()
                * p.groups()
                * p.outputChannels()
                * p.window().rows().output();
        this.partition = RowPartition.of(rows, rowWork, PART_WORK);
        this.epilogue = TileEpilogue.withScratchAfter(p.epilogue(), sumBytes());
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "conv_f32_scalar");
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return 1 + partition.maxPartRows() * rowWork / 2;
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, sumBytes());
    }

    private long sumBytes() {
        return (long) p.window().columns().output() * Double.BYTES;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment y = operands[p.output()];
        int width = p.window().columns().output();
        for (long row = partition.start(from); row < partition.start(to); row++) {
            long plane = row / p.window().rows().output();
            long m = plane % ((long) p.groups() * p.outputChannels());
            float start = p.bias() < 0 ? 0 : operands[p.bias()].get(F32, m * Float.BYTES);
            for (int j = 0; j < width; j++) {
                scratch.set(F64, (long) j * Double.BYTES, start);
            }
            int window = (int) (row % p.window().rows().output());
            long firstInput = plane / p.outputChannels() * p.inputChannels();
            for (int c = 0; c < p.inputChannels(); c++) {
                long weights = (m * p.inputChannels() + c) * p.window().taps();
                addPlane(operands[0], (firstInput + c) * p.window().pixels(), operands[1], weights, window, scratch);
            }
            for (int j = 0; j < width; j++) {
                y.set(F32, (row * width + j) * Float.BYTES, (float) scratch.get(F64, (long) j * Double.BYTES));
            }
            if (epilogue != null && width > 0) {
                epilogue.apply(y, row * width * Float.BYTES, 1, width, width, operands, scratch);
            }
        }
    }

    private void addPlane(MemorySegment x, long plane, MemorySegment w, long weights, int window, MemorySegment sums) {
        Window2d.Axis rows = p.window().rows();
        Window2d.Axis columns = p.window().columns();
        for (int r = rows.firstTap(window); r < rows.endTap(window); r++) {
            long row = plane + (rows.start(window) + (long) r * rows.dilation()) * columns.input();
            for (int t = 0; t < columns.kernel(); t++) {
                float weight = w.get(F32, (weights + (long) r * columns.kernel() + t) * Float.BYTES);
                int first = columns.firstWindow(t);
                int count = columns.endWindow(t) - first;
                long at = row + columns.start(first) + (long) t * columns.dilation();
                addRow(weight, x, at * Float.BYTES, columns.stride(), count, sums, first);
            }
        }
    }

    private static void addRow(
            double weight, MemorySegment x, long at, int stride, int count, MemorySegment sums, int first) {
        for (int j = 0; j < count; j++) {
            long to = (long) (first + j) * Double.BYTES;
            sums.set(F64, to, sums.get(F64, to) + weight * x.get(F32, at + (long) j * stride * Float.BYTES));
        }
    }
}
