package dev.tenon.kernel.scalar.pool;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.pool.ChannelsLastQuantPoolProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The greatest bytes of windows, or their averages, with channels last, one after the other. */
public final class ScalarChannelsLastQuantPool implements Kernel {
    private static final long PART_WORK = 1 << 17;
    private static final int BYTE = 0xFF;
    private static final int X_ZERO = 2;
    private static final int Y_SCALE = 3;
    private static final int Y_ZERO = 4;

    private final ChannelsLastQuantPoolProblem p;
    private final Window2d window;
    private final RowPartition partition;

    /**
     * The kernel of a problem.
     *
     * @param p the pooling
     */
    public ScalarChannelsLastQuantPool(ChannelsLastQuantPoolProblem p) {
        this.p = p;
        window = p.pool().window();
        long work = window.taps() * p.channels();
        partition = RowPartition.of(p.instances() * window.windows(), Math.max(1, work), PART_WORK);
    }

    @Override
    public String id() {
        return "pool_i8_last_scalar";
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return 1 + partition.maxPartRows() * window.taps() * p.channels();
    }

    private int integer(MemorySegment m, long at) {
        byte value = m.get(ValueLayout.JAVA_BYTE, at);
        return p.pool().signed() ? value : value & BYTE;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment y = operands[p.pool().output()];
        for (long i = partition.start(from); i < partition.start(to); i++) {
            for (int c = 0; c < p.channels(); c++) {
                int value = p.max() ? greatest(operands[0], i, c) : average(operands, i, c);
                y.set(ValueLayout.JAVA_BYTE, i * p.channels() + c, (byte) value);
            }
        }
    }

    private long pixel(long result, int row, int column) {
        Window2d.Axis down = window.rows();
        Window2d.Axis across = window.columns();
        long line = result / window.windows() * down.input() + down.start(line(result)) + (long) row * down.dilation();
        return line * across.input() + across.start(column(result)) + (long) column * across.dilation();
    }

    private int line(long result) {
        return (int) (result % window.windows() / window.columns().output());
    }

    private int column(long result) {
        return (int) (result % window.columns().output());
    }

    private int greatest(MemorySegment x, long result, int channel) {
        int greatest = p.pool().signed() ? Byte.MIN_VALUE : 0;
        for (int r = window.rows().firstTap(line(result)); r < window.rows().endTap(line(result)); r++) {
            for (int t = window.columns().firstTap(column(result));
                    t < window.columns().endTap(column(result));
                    t++) {
                greatest = Math.max(greatest, integer(x, pixel(result, r, t) * p.channels() + channel));
            }
        }
        return greatest;
    }

    private int average(MemorySegment[] operands, long result, int channel) {
        float scale = operands[1].get(ValueLayout.JAVA_FLOAT, 0);
        int zero = p.pool().hasXZeroPoint() ? integer(operands[X_ZERO], 0) : 0;
        float outZero = p.pool().hasYZeroPoint() ? integer(operands[Y_ZERO], 0) : 0;
        float sum = 0;
        long taps = 0;
        for (int r = window.rows().firstTap(line(result)); r < window.rows().endTap(line(result)); r++) {
            for (int t = window.columns().firstTap(column(result));
                    t < window.columns().endTap(column(result));
                    t++) {
                sum += scale * (integer(operands[0], pixel(result, r, t) * p.channels() + channel) - zero);
                taps++;
            }
        }
        float mean = sum / (p.pool().countPadding() ? window.taps() : taps);
        double least = p.pool().signed() ? Byte.MIN_VALUE : 0;
        double value = Math.rint(mean / operands[Y_SCALE].get(ValueLayout.JAVA_FLOAT, 0) + outZero);
        return (int) Math.clamp(value, least, least + BYTE);
    }
}
