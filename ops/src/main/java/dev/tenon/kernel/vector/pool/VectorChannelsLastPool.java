package dev.tenon.kernel.vector.pool;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.pool.ChannelsLastPoolProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Channels-last maxima and averages of windows of float32 images, a vector of channels at a time. Taps outside the
 * image are left out. Averages sum blocks of taps, which keeps global averages accurate. {@link Pool2x2Nhwc} and {@link
 * Pool3x3Nhwc} take the interior windows of the most frequent sizes; a general loop takes all others.
 */
public final class VectorChannelsLastPool implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final long VECTOR = (long) LANES * Float.BYTES;
    /** The vectors that are compared at a time. */
    private static final int VECTORS = 4;

    /** The window sizes with unrolled loops. */
    private static final int KERNEL_2 = 2;

    private static final int KERNEL_3 = 3;

    private static final float[] ZEROS = new float[2];
    private static final float[] NEGATIVE_INFINITIES = new float[VECTORS];

    static {
        Arrays.fill(NEGATIVE_INFINITIES, Float.NEGATIVE_INFINITY);
    }

    private static final long PART_WORK = 200_000;
    private static final int TAPS_PER_NANO = 10;

    /** Roughly the taps of one chain of additions. */
    private static final int CHAIN_TAPS = 64;

    private final ChannelsLastPoolProblem p;
    private final Window2d.Axis rowAxis;
    private final Window2d.Axis columnAxis;
    private final long pixelBytes;
    private final long lineBytes;
    /** Bytes from a tap to the next of its row, and from a row of taps to the next. */
    private final long tapStep;

    private final long lineStep;
    /** The range of windows whose columns are all inside the image. */
    private final int firstInterior;

    private final int endInterior;
    private final RowPartition partition;
    private final Pool3x3Nhwc pool3x3;
    private final Pool2x2Nhwc pool2x2;

    private VectorChannelsLastPool(ChannelsLastPoolProblem p) {
        this.p = p;
        rowAxis = p.window().rows();
        columnAxis = p.window().columns();
        pixelBytes = (long) p.channels() * Float.BYTES;
        lineBytes = columnAxis.input() * pixelBytes;
        tapStep = columnAxis.dilation() * pixelBytes;
        lineStep = rowAxis.dilation() * lineBytes;
        pool3x3 = new Pool3x3Nhwc(tapStep, lineStep, pixelBytes);
        pool2x2 = new Pool2x2Nhwc(tapStep, lineStep, pixelBytes);
        firstInterior = Math.min(columnAxis.output(), columnAxis.firstWindow(0));
        endInterior = Math.max(firstInterior, columnAxis.endWindow(columnAxis.kernel() - 1));
        partition = RowPartition.of(
                p.instances() * p.window().windows(), p.channels() * p.window().taps(), PART_WORK);
    }

    /**
     * The kernel of a problem.
     *
     * @param p the pooling; a pixel has at least one vector of channels
     * @return the kernel
     */
    public static Kernel of(ChannelsLastPoolProblem p) {
        return new VectorChannelsLastPool(p);
    }

    @Override
    public String id() {
        return "pool_f32_last_vector" + SimdSpecies.BITS;
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long scratchBytes() {
        return columnAxis.kernel() == KERNEL_3 ? pool3x3.scratchBytes() : 0;
    }

    @Override
    public long partNanos() {
        return 1 + partition.maxPartRows() * p.channels() * p.window().taps() / TAPS_PER_NANO;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        long end = partition.start(to);
        for (long i = partition.start(from); i < end; ) {
            long line = i / columnAxis.output();
            int column = (int) (i - line * columnAxis.output());
            int count = (int) Math.min(columnAxis.output() - column, end - i);
            poolLine(operands, line, column, column + count, i * pixelBytes, scratch);
            i += count;
        }
    }

    /** Computes neighbouring windows of a row of windows. */
    private void poolLine(MemorySegment[] operands, long line, int from, int to, long at, MemorySegment scratch) {
        int row = (int) (line % rowAxis.output());
        int firstRow = rowAxis.firstTap(row);
        int rows = Math.max(0, rowAxis.endTap(row) - firstRow);
        long top =
                line / rowAxis.output() * rowAxis.input() + rowAxis.start(row) + (long) firstRow * rowAxis.dilation();
        int first = from;
        int end = from;
        if (hasUnrolledLoop(rows)) {
            first = Math.clamp(firstInterior, from, to);
            end = Math.clamp(endInterior, first, to);
            long start = top * lineBytes + columnAxis.start(first) * pixelBytes;
            unrolledWindows(operands, start, row, rows, end - first, at + (first - from) * pixelBytes, scratch);
        }
        generalWindows(operands, row, rows, top, from, first, at);
        generalWindows(operands, row, rows, top, end, to, at + (end - from) * pixelBytes);
    }

    /** Whether there is an unrolled loop for windows with some rows inside the image. */
    private boolean hasUnrolledLoop(int rows) {
        if (columnAxis.kernel() == KERNEL_2) {
            return rows == KERNEL_2;
        }
        return columnAxis.kernel() == KERNEL_3
                && columnAxis.dilation() == 1
                && columnAxis.stride() <= 2
                && (p.average() ? rows == KERNEL_3 : rows > 0 && rows <= KERNEL_3);
    }

    /** Computes neighbouring windows whose columns are all inside the image. */
    private void unrolledWindows(
            MemorySegment[] operands, long at, int row, int rows, int count, long to, MemorySegment scratch) {
        if (count == 0) {
            return;
        }
        MemorySegment x = operands[0];
        MemorySegment y = operands[1];
        float taps = (float) taps(row, rows, columnAxis.kernel(), columnAxis.kernel());
        long step = columnAxis.stride() * pixelBytes;
        if (columnAxis.kernel() == KERNEL_2) {
            if (p.average()) {
                pool2x2.average(x, at, step, count, taps, y, to);
            } else {
                pool2x2.max(x, at, step, count, y, to);
            }
            return;
        }
        long next = rows > 1 ? lineStep : 0;
        long last = (rows - 1) * lineStep;
        if (p.average() && columnAxis.stride() == 1) {
            pool3x3.averageStride1(x, at, count, taps, y, to, scratch);
        } else if (p.average()) {
            pool3x3.averageStride2(x, at, count, taps, y, to, scratch);
        } else if (columnAxis.stride() == 1) {
            pool3x3.maxStride1(operands, at, next, last, count, to, scratch);
        } else {
            pool3x3.maxStride2(operands, at, next, last, count, to, scratch);
        }
    }

    /** The number of taps that an average counts. */
    private long taps(int row, int rows, int columns, int padded) {
        return p.countPadding() ? (long) rowAxis.paddedTaps(row) * padded : (long) rows * columns;
    }

    /**
     * Computes neighbouring windows of a row of windows, one by one.
     *
     * @param row the row of windows within its image
     * @param rows the number of rows of taps inside the image
     * @param top the input row of the first of them, among those of all images
     */
    private void generalWindows(MemorySegment[] operands, int row, int rows, long top, int from, int to, long at) {
        MemorySegment x = operands[0];
        MemorySegment y = operands[1];
        long place = at;
        for (int column = from; column < to; column++, place += pixelBytes) {
            boolean inside = column >= firstInterior && column < endInterior;
            int firstColumn = inside ? 0 : columnAxis.firstTap(column);
            int columns = inside ? columnAxis.kernel() : Math.max(0, columnAxis.endTap(column) - firstColumn);
            long left = columnAxis.start(column) + (long) firstColumn * columnAxis.dilation();
            long first = top * lineBytes + left * pixelBytes;
            if (p.average()) {
                averageWindow(
                        x, first, rows, columns, taps(row, rows, columns, columnAxis.paddedTaps(column)), y, place);
            } else {
                maxWindow(x, first, rows, columns, y, place);
            }
        }
    }

    private void maxWindow(MemorySegment x, long at, int rows, int columns, MemorySegment y, long to) {
        int c = 0;
        for (; c <= p.channels() - VECTORS * LANES; c += VECTORS * LANES) {
            long channel = (long) c * Float.BYTES;
            maxFourVectors(x, at + channel, rows, columns, y, to + channel);
        }
        for (; c < p.channels(); c += LANES) {
            // The last vector overlaps the one before it: the elements of both are computed twice.
            long channel = (long) Math.min(c, p.channels() - LANES) * Float.BYTES;
            maxOneVector(x, at + channel, rows, columns, y, to + channel);
        }
    }

    private void maxFourVectors(MemorySegment x, long at, int rows, int columns, MemorySegment y, long to) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        FloatVector a = FloatVector.broadcast(F32, NEGATIVE_INFINITIES[0]);
        FloatVector b = FloatVector.broadcast(F32, NEGATIVE_INFINITIES[1]);
        FloatVector c = FloatVector.broadcast(F32, NEGATIVE_INFINITIES[2]);
        FloatVector d = FloatVector.broadcast(F32, NEGATIVE_INFINITIES[3]);
        for (int r = 0; r < rows; r++) {
            long place = at + r * lineStep;
            for (int t = 0; t < columns; t++, place += tapStep) {
                a = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place, ORDER))
                        .max(a);
                b = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place + VECTOR, ORDER))
                        .max(b);
                c = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place + 2 * VECTOR, ORDER))
                        .max(c);
                d = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place + 3 * VECTOR, ORDER))
                        .max(d);
            }
        }
        FLOATS.cast(a).intoMemorySegment(y, to, ORDER);
        FLOATS.cast(b).intoMemorySegment(y, to + VECTOR, ORDER);
        FLOATS.cast(c).intoMemorySegment(y, to + 2 * VECTOR, ORDER);
        FLOATS.cast(d).intoMemorySegment(y, to + 3 * VECTOR, ORDER);
    }

    private void maxOneVector(MemorySegment x, long at, int rows, int columns, MemorySegment y, long to) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        FloatVector a = FloatVector.broadcast(F32, NEGATIVE_INFINITIES[0]);
        for (int r = 0; r < rows; r++) {
            long place = at + r * lineStep;
            for (int t = 0; t < columns; t++, place += tapStep) {
                a = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place, ORDER))
                        .max(a);
            }
        }
        FLOATS.cast(a).intoMemorySegment(y, to, ORDER);
    }

    private void averageWindow(MemorySegment x, long at, int rows, int columns, long taps, MemorySegment y, long to) {
        for (int c = 0; c < p.channels(); c += LANES) {
            long channel = (long) Math.min(c, p.channels() - LANES) * Float.BYTES;
            averageOneVector(x, at + channel, rows, columns, taps, y, to + channel);
        }
    }

    private void averageOneVector(
            MemorySegment x, long at, int rows, int columns, long taps, MemorySegment y, long to) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        int lines = Math.max(1, CHAIN_TAPS / Math.max(1, columns));
        FloatVector sum = FloatVector.broadcast(F32, ZEROS[0]);
        for (int first = 0; first < rows; first += lines) {
            FloatVector chain = FloatVector.broadcast(F32, ZEROS[1]);
            for (int r = first; r < Math.min(rows, first + lines); r++) {
                long place = at + r * lineStep;
                for (int t = 0; t < columns; t++, place += tapStep) {
                    chain = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place, ORDER))
                            .add(chain);
                }
            }
            sum = FLOATS.cast(chain).add(sum);
        }
        FLOATS.cast(sum).div((float) taps).intoMemorySegment(y, to, ORDER);
    }
}
