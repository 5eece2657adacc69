package dev.tenon.kernel.x64.byteconv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.pool.ChannelsLastQuantPoolProblem;
import dev.tenon.kernel.pool.QuantPoolProblem;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.kernel.x64.byteconv.PoolEmitter.Argument;
import dev.tenon.kernel.x64.gemm.RequantizedRows;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.Objects;

/**
 * The greatest bytes of windows, or their averages, with channels last. The last vector of channels ends with the last channel,
 * so it may compute some results a second time. Channels that do not fill a vector are copied, window by window.
 */
public final class X64BytePool implements Kernel {
    private static final int X_ZERO = 2;
    private static final int Y_SCALE = 3;
    private static final int Y_ZERO = 4;
    private static final int BYTE = 0xFF;
    private static final int MAX_COPIED = 1 << 14;
    private static final int MIN_BITS = 128;
    private static final long PART_ELEMENTS = 1 << 18;
    private static final long ELEMENTS_PER_NANO = 8;

    private final ChannelsLastQuantPoolProblem p;
    private final Window2d window;
    private final int bits;
    private final RowPartition partition;
    private final long windowWork;
    private final String id;
    private final NativeFunction function;

    private X64BytePool(ChannelsLastQuantPoolProblem p, int widest) {
        this.p = p;
        int width = widest;
        while (width > MIN_BITS && p.channels() < width / Byte.SIZE) {
            width /= 2;
        }
        bits = width;
        window = p.pool().window();
        windowWork = window.taps() * p.channels();
        partition = RowPartition.of(p.instances() * window.windows(), windowWork, PART_ELEMENTS);
        PoolEmitter emitter = new PoolEmitter(p.max(), bits, p.pool().signed());
        id = bits == 512 ? "pool_i8_last_avx512" : "pool_i8_last_avx2";
        function = KernelCode.of(emitter.id(), emitter::emit);
    }

    /**
     * Why the kernel does not take a problem.
     *
     * @param p the problem
     * @param bits the width of vectors; 0 for none
     * @return the reason, or null if it does
     */
    public static String reasonAgainst(ChannelsLastQuantPoolProblem p, int bits) {
        if (bits == 0) {
            return "the assembled tier is off";
        }
        Window2d window = p.pool().window();
        if (p.channels() < MIN_BITS / Byte.SIZE && window.taps() > MAX_COPIED) {
            return p.channels() + " channels in windows of " + window.taps();
        }
        return isFilled(window.rows()) && isFilled(window.columns())
                ? null
                : "windows are dilated, or lie outside of the input";
    }

    private static boolean isFilled(Window2d.Axis axis) {
        for (int i = 0; i < axis.output(); i++) {
            if (axis.endTap(i) <= axis.firstTap(i)) {
                return false;
            }
        }
        return axis.dilation() == 1;
    }

    /**
     * The kernel of a problem.
     *
     * @param p a problem that {@link #reasonAgainst} allows
     * @param bits the width of the widest vectors, 256 or 512
     * @return the kernel
     */
    public static Kernel of(ChannelsLastQuantPoolProblem p, int bits) {
        return new X64BytePool(p, bits);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return 1 + partition.maxPartRows() * windowWork / ELEMENTS_PER_NANO;
    }

    @Override
    public long scratchBytes() {
        long copied = p.channels() < vector() ? (window.taps() + 1) * vector() : 0;
        return PoolEmitter.BYTES + copied;
    }

    private int vector() {
        return bits / Byte.SIZE;
    }

    private void setNumbers(MemorySegment[] operands, MemorySegment scratch) {
        QuantPoolProblem pool = p.pool();
        Argument.ZERO.set(scratch, (long) zero(operands, X_ZERO, pool.hasXZeroPoint()));
        Argument.SCALE.set(scratch, operands[1].get(ValueLayout.JAVA_FLOAT, 0));
        Argument.OUT_SCALE.set(scratch, operands[Y_SCALE].get(ValueLayout.JAVA_FLOAT, 0));
        Argument.OUT_ZERO.set(scratch, zero(operands, Y_ZERO, pool.hasYZeroPoint()));
        Argument.LARGEST.set(scratch, RequantizedRows.LARGEST);
        RoundedBytes.setOrder(scratch, PoolEmitter.ORDER_OFFSET, bits);
    }

    private float zero(MemorySegment[] operands, int operand, boolean given) {
        byte zero = given ? operands[operand].get(ValueLayout.JAVA_BYTE, 0) : 0;
        return p.pool().signed() ? zero : zero & BYTE;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        QuantPoolProblem pool = p.pool();
        MemorySegment x = operands[0];
        MemorySegment y = operands[pool.output()];
        Objects.checkFromIndexSize(0, p.instances() * window.pixels() * p.channels(), x.byteSize());
        Objects.checkFromIndexSize(0, p.instances() * window.windows() * p.channels(), y.byteSize());
        Objects.checkFromIndexSize(0, scratchBytes(), scratch.byteSize());
        if (!p.max()) {
            setNumbers(operands, scratch);
        }
        try {
            for (long i = partition.start(from); i < partition.start(to); i++) {
                pool(i, x, y, scratch);
            }
        } finally {
            Reference.reachabilityFence(x);
            Reference.reachabilityFence(y);
            Reference.reachabilityFence(scratch);
        }
    }

    private void pool(long result, MemorySegment x, MemorySegment y, MemorySegment block) {
        Window2d.Axis down = window.rows();
        Window2d.Axis across = window.columns();
        long instance = result / window.windows();
        int line = (int) (result % window.windows() / across.output());
        int column = (int) (result % across.output());
        int rows = down.endTap(line) - down.firstTap(line);
        int columns = across.endTap(column) - across.firstTap(column);
        long row = instance * down.input() + down.start(line) + down.firstTap(line);
        long from = (row * across.input() + across.start(column) + across.firstTap(column)) * p.channels();
        long rowBytes = (long) across.input() * p.channels();
        Argument.ROWS.set(block, rows);
        Argument.COLUMNS.set(block, columns);
        Argument.COUNT.set(block, (float) (p.pool().countPadding() ? window.taps() : (long) rows * columns));
        if (p.channels() < vector()) {
            for (int r = 0; r < rows; r++) {
                for (int c = 0; c < columns; c++) {
                    long to = PoolEmitter.BYTES + ((long) r * columns + c) * vector();
                    MemorySegment.copy(x, from + r * rowBytes + (long) c * p.channels(), block, to, p.channels());
                }
            }
            long copy = block.address() + PoolEmitter.BYTES;
            long end = window.taps() * vector();
            call(copy, vector(), (long) columns * vector(), copy + end, block);
            MemorySegment.copy(block, PoolEmitter.BYTES + end, y, result * p.channels(), p.channels());
            return;
        }
        for (int channel = 0; channel < p.channels(); channel += vector()) {
            int at = Math.min(channel, p.channels() - vector());
            call(x.address() + from + at, p.channels(), rowBytes, y.address() + result * p.channels() + at, block);
        }
    }

    private void call(long x, long pixelBytes, long rowBytes, long y, MemorySegment block) {
        Argument.X.set(block, x);
        Argument.X_PIXEL.set(block, pixelBytes);
        Argument.X_ROW.set(block, rowBytes);
        Argument.Y.set(block, y);
        function.call(block.address());
    }
}
