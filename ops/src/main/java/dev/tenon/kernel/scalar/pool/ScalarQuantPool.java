package dev.tenon.kernel.scalar.pool;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.pool.QuantPoolProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Averages of windows of quantised numbers by plain loops. Order and precision are those that the operator prescribes:
 * numbers are dequantised to float32 and summed in row-major order.
 */
public final class ScalarQuantPool implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfByte I8 = ValueLayout.JAVA_BYTE;
    private static final long PART_ELEMENTS = 20_000;

    private static final int X_ZERO = 2;
    private static final int Y_SCALE = 3;
    private static final int Y_ZERO = 4;

    private final QuantPoolProblem p;
    private final RowPartition partition;
    private final long rowWork;

    /**
     * Prepares the kernel of a problem.
     *
     * @param p the pooling
     */
    public ScalarQuantPool(QuantPoolProblem p) {
        this.p = p;
        this.rowWork = p.window().columns().output() * p.window().taps();
        this.partition = RowPartition.of(p.planes() * p.window().rows().output(), rowWork, PART_ELEMENTS);
    }

    @Override
    public String id() {
        return "pool_i8_scalar";
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
        for (long row = partition.start(from); row < partition.start(to); row++) {
            long plane = row / height * p.window().pixels();
            poolRow(
                    operands,
                    plane,
                    (int) (row % height),
                    row * p.window().columns().output());
        }
    }

    private void poolRow(MemorySegment[] operands, long plane, int window, long at) {
        Window2d.Axis rows = p.window().rows();
        Window2d.Axis columns = p.window().columns();
        MemorySegment x = operands[0];
        float scale = operands[1].get(F32, 0);
        int zero = p.hasXZeroPoint() ? integer(operands[X_ZERO], 0) : 0;
        float outScale = operands[Y_SCALE].get(F32, 0);
        float outZero = p.hasYZeroPoint() ? integer(operands[Y_ZERO], 0) : 0;
        int firstRow = rows.firstTap(window);
        int endRow = rows.endTap(window);
        long done = 0;
        for (int j = 0; j < columns.output(); j++) {
            int first = columns.firstTap(j);
            int end = columns.endTap(j);
            float sum = 0;
            for (int r = firstRow; r < endRow; r++) {
                done = WindowLooks.after(done + end - first);
                long from =
                        plane + (rows.start(window) + (long) r * rows.dilation()) * columns.input() + columns.start(j);
                for (int t = first; t < end; t++) {
                    sum += scale * (integer(x, from + (long) t * columns.dilation()) - zero);
                }
            }
            long taps = p.countPadding()
                    ? p.window().taps()
                    : (long) Math.max(0, endRow - firstRow) * Math.max(0, end - first);
            operands[p.output()].set(I8, at + j, requantise(sum / taps, outScale, outZero));
        }
    }

    private int integer(MemorySegment m, long at) {
        byte b = m.get(I8, at);
        return p.signed() ? b : Byte.toUnsignedInt(b);
    }

    /** Rounds half to even and clamps to 8 bits. NaN becomes 0, as in a cast. */
    private byte requantise(float mean, float scale, float zero) {
        double value = Math.rint(mean / scale + zero);
        double min = p.signed() ? Byte.MIN_VALUE : 0;
        return (byte) Math.clamp(value, min, min + 255);
    }
}
