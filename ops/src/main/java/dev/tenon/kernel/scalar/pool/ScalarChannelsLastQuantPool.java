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
    public long scratchBytes() {
        return p.max() ? 0 : (long) p.channels() * Float.BYTES;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment y = operands[p.pool().output()];
        long done = 0;
        for (long i = partition.start(from); i < partition.start(to); i++) {
            done = WindowLooks.after(done + window.taps() * p.channels());
            if (!p.max()) {
                average(operands, i, scratch);
                continue;
            }
            for (int c = 0; c < p.channels(); c++) {
                y.set(ValueLayout.JAVA_BYTE, i * p.channels() + c, (byte) greatest(operands[0], i, c));
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
        long done = 0;
        int greatest = p.pool().signed() ? Byte.MIN_VALUE : 0;
        for (int r = window.rows().firstTap(line(result)); r < window.rows().endTap(line(result)); r++) {
            done = WindowLooks.after(done + window.columns().kernel());
            for (int t = window.columns().firstTap(column(result));
                    t < window.columns().endTap(column(result));
                    t++) {
                greatest = Math.max(greatest, integer(x, pixel(result, r, t) * p.channels() + channel));
            }
        }
        return greatest;
    }

    /** The averages of all channels of a window. Each sum has the order of the window's elements. */
    private void average(MemorySegment[] operands, long result, MemorySegment sums) {
        float scale = operands[1].get(ValueLayout.JAVA_FLOAT, 0);
        int zero = p.pool().hasXZeroPoint() ? integer(operands[X_ZERO], 0) : 0;
        for (int c = 0; c < p.channels(); c++) {
            sums.set(ValueLayout.JAVA_FLOAT, (long) c * Float.BYTES, 0);
        }
        long taps = 0;
        long done = 0;
        for (int r = window.rows().firstTap(line(result)); r < window.rows().endTap(line(result)); r++) {
            done = WindowLooks.after(done + (long) window.columns().kernel() * p.channels());
            for (int t = window.columns().firstTap(column(result));
                    t < window.columns().endTap(column(result));
                    t++) {
                add(
                        operands[0],
                        pixel(result, r, t) * p.channels(),
                        scale,
                        zero,
                        p.pool().signed(),
                        sums);
                taps++;
            }
        }
        float count = p.pool().countPadding() ? window.taps() : taps;
        float unit = operands[Y_SCALE].get(ValueLayout.JAVA_FLOAT, 0);
        float outZero = p.pool().hasYZeroPoint() ? integer(operands[Y_ZERO], 0) : 0;
        double least = p.pool().signed() ? Byte.MIN_VALUE : 0;
        MemorySegment y = operands[p.pool().output()];
        for (int c = 0; c < p.channels(); c++) {
            float mean = sums.get(ValueLayout.JAVA_FLOAT, (long) c * Float.BYTES) / count;
            double value = Math.clamp(Math.rint(mean / unit + outZero), least, least + BYTE);
            y.set(ValueLayout.JAVA_BYTE, result * p.channels() + c, (byte) (int) value);
        }
    }

    /** Adds the numbers of a pixel to the sums of its channels. */
    private void add(MemorySegment x, long at, float scale, int zero, boolean signed, MemorySegment sums) {
        int mask = signed ? -1 : BYTE;
        for (int c = 0; c < p.channels(); c++) {
            float number = scale * ((x.get(ValueLayout.JAVA_BYTE, at + c) & mask) - zero);
            long to = (long) c * Float.BYTES;
            sums.set(ValueLayout.JAVA_FLOAT, to, sums.get(ValueLayout.JAVA_FLOAT, to) + number);
        }
    }
}
