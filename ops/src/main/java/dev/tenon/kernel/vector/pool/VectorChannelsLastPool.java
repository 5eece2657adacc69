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
 * Maxima and averages of windows of float32 planes whose channels lie last, a vector of channels at a time. Taps beside
 * the plane are left out. Sums are taken in blocks of taps, so that those of whole planes keep their accuracy. {@link Pool3x3Nhwc}
 * has those of three neighbouring columns on the plane, in steps of one or two: maxima of one to three rows on the plane, and
 * averages of three; {@link Pool2x2Nhwc} those of two rows and two columns.
 */
public final class VectorChannelsLastPool implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final long VECTOR = (long) LANES * Float.BYTES;
    /** Vectors that are compared at a time. */
    private static final int VECTORS = 4;

    /** The taps of a row, and of a column, of the commonest windows. */
    private static final int PAIR = 2;

    private static final int THREE = 3;

    private static final float[] ZEROS = new float[2];
    private static final float[] LEAST = new float[VECTORS];

    static {
        Arrays.fill(LEAST, Float.NEGATIVE_INFINITY);
    }

    private static final long PART_WORK = 200_000;
    private static final int NANOS_SHARE = 10;

    /** Taps of one chain of additions, about. */
    private static final int CHAIN = 64;

    private final ChannelsLastPoolProblem p;
    private final Window2d.Axis down;
    private final Window2d.Axis across;
    private final long pixelBytes;
    private final long lineBytes;
    /** Bytes from a tap to the next in its row, and from a row of taps to the next. */
    private final long tapStep;

    private final long lineStep;
    /** The windows all of whose columns lie on the plane. */
    private final int firstInside;

    private final int endInside;
    private final RowPartition split;
    private final Pool3x3Nhwc three;
    private final Pool2x2Nhwc pairs;

    private VectorChannelsLastPool(ChannelsLastPoolProblem p) {
        this.p = p;
        down = p.window().rows();
        across = p.window().columns();
        pixelBytes = (long) p.channels() * Float.BYTES;
        lineBytes = across.input() * pixelBytes;
        tapStep = across.dilation() * pixelBytes;
        lineStep = down.dilation() * lineBytes;
        three = new Pool3x3Nhwc(tapStep, lineStep, pixelBytes);
        pairs = new Pool2x2Nhwc(tapStep, lineStep, pixelBytes);
        firstInside = Math.min(across.output(), across.firstWindow(0));
        endInside = Math.max(firstInside, across.endWindow(across.kernel() - 1));
        split = RowPartition.of(
                p.instances() * p.window().windows(), p.channels() * p.window().taps(), PART_WORK);
    }

    /**
     * A kernel.
     *
     * @param p planes of a vector of channels or more
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
        return split.parts();
    }

    @Override
    public long scratchBytes() {
        return across.kernel() == THREE ? three.keptBytes() : 0;
    }

    @Override
    public long partNanos() {
        return 1 + split.most() * p.channels() * p.window().taps() / NANOS_SHARE;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        long end = split.start(to);
        for (long i = split.start(from); i < end; ) {
            long line = i / across.output();
            int column = (int) (i - line * across.output());
            int count = (int) Math.min(across.output() - column, end - i);
            line(operands[0], line, column, column + count, operands[1], i * pixelBytes, scratch);
            i += count;
        }
    }

    /** Neighbouring windows of a line of windows. */
    private void line(MemorySegment x, long line, int from, int to, MemorySegment y, long at, MemorySegment kept) {
        int row = (int) (line % down.output());
        int firstRow = down.firstTap(row);
        int rows = Math.max(0, down.endTap(row) - firstRow);
        long top = line / down.output() * down.input() + down.start(row) + (long) firstRow * down.dilation();
        int first = from;
        int end = from;
        if (isNear(rows)) {
            first = Math.clamp(firstInside, from, to);
            end = Math.clamp(endInside, first, to);
            long start = top * lineBytes + across.start(first) * pixelBytes;
            near(x, start, row, rows, end - first, y, at + (first - from) * pixelBytes, kept);
        }
        windows(x, row, rows, top, from, first, y, at);
        windows(x, row, rows, top, end, to, y, at + (end - from) * pixelBytes);
    }

    /** Whether there is a loop for neighbouring windows of which some rows lie on the plane. */
    private boolean isNear(int rows) {
        if (across.kernel() == PAIR) {
            return rows == PAIR;
        }
        return across.kernel() == THREE
                && across.dilation() == 1
                && across.stride() <= 2
                && (p.average() ? rows == THREE : rows > 0 && rows <= THREE);
    }

    /** Neighbouring windows whose columns all lie on the plane. */
    private void near(
            MemorySegment x, long at, int row, int rows, int count, MemorySegment y, long to, MemorySegment kept) {
        if (count == 0) {
            return;
        }
        float taps = (float) taps(row, rows, across.kernel(), across.kernel());
        long step = across.stride() * pixelBytes;
        if (across.kernel() == PAIR) {
            if (p.average()) {
                pairs.averages(x, at, step, count, taps, y, to);
            } else {
                pairs.maxima(x, at, step, count, y, to);
            }
            return;
        }
        long next = rows > 1 ? lineStep : 0;
        long last = (rows - 1) * lineStep;
        if (p.average() && across.stride() == 1) {
            three.averagesByOne(x, at, count, taps, y, to, kept);
        } else if (p.average()) {
            three.averagesByTwo(x, at, count, taps, y, to, kept);
        } else if (across.stride() == 1) {
            three.maximaByOne(x, at, next, last, count, y, to, kept);
        } else {
            three.maximaByTwo(x, at, next, last, count, y, to, kept);
        }
    }

    /** How many taps count in an average. */
    private long taps(int row, int rows, int columns, int padded) {
        return p.countPadding() ? (long) down.paddedTaps(row) * padded : (long) rows * columns;
    }

    /**
     * Neighbouring windows of a line of windows, one by one.
     *
     * @param row the line within its plane
     * @param rows how many of its rows of taps lie on the plane
     * @param top the line of the input where the first of them is, among those of all planes
     */
    private void windows(MemorySegment x, int row, int rows, long top, int from, int to, MemorySegment y, long at) {
        long place = at;
        for (int column = from; column < to; column++, place += pixelBytes) {
            boolean inside = column >= firstInside && column < endInside;
            int firstColumn = inside ? 0 : across.firstTap(column);
            int columns = inside ? across.kernel() : Math.max(0, across.endTap(column) - firstColumn);
            long left = across.start(column) + (long) firstColumn * across.dilation();
            long first = top * lineBytes + left * pixelBytes;
            if (p.average()) {
                averages(x, first, rows, columns, taps(row, rows, columns, across.paddedTaps(column)), y, place);
            } else {
                maxima(x, first, rows, columns, y, place);
            }
        }
    }

    private void maxima(MemorySegment x, long at, int rows, int columns, MemorySegment y, long to) {
        int c = 0;
        for (; c <= p.channels() - VECTORS * LANES; c += VECTORS * LANES) {
            long channel = (long) c * Float.BYTES;
            maxima4(x, at + channel, rows, columns, y, to + channel);
        }
        for (; c < p.channels(); c += LANES) {
            // The last vector lies on the one before it: the elements of both are computed twice.
            long channel = (long) Math.min(c, p.channels() - LANES) * Float.BYTES;
            maxima1(x, at + channel, rows, columns, y, to + channel);
        }
    }

    private void maxima4(MemorySegment x, long at, int rows, int columns, MemorySegment y, long to) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        FloatVector a = FloatVector.broadcast(F32, LEAST[0]);
        FloatVector b = FloatVector.broadcast(F32, LEAST[1]);
        FloatVector c = FloatVector.broadcast(F32, LEAST[2]);
        FloatVector d = FloatVector.broadcast(F32, LEAST[3]);
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

    private void maxima1(MemorySegment x, long at, int rows, int columns, MemorySegment y, long to) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        FloatVector a = FloatVector.broadcast(F32, LEAST[0]);
        for (int r = 0; r < rows; r++) {
            long place = at + r * lineStep;
            for (int t = 0; t < columns; t++, place += tapStep) {
                a = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place, ORDER))
                        .max(a);
            }
        }
        FLOATS.cast(a).intoMemorySegment(y, to, ORDER);
    }

    private void averages(MemorySegment x, long at, int rows, int columns, long taps, MemorySegment y, long to) {
        for (int c = 0; c < p.channels(); c += LANES) {
            long channel = (long) Math.min(c, p.channels() - LANES) * Float.BYTES;
            average(x, at + channel, rows, columns, taps, y, to + channel);
        }
    }

    private void average(MemorySegment x, long at, int rows, int columns, long taps, MemorySegment y, long to) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        int lines = Math.max(1, CHAIN / Math.max(1, columns));
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
