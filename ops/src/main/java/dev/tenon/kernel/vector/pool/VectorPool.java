package dev.tenon.kernel.vector.pool;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.I32;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.INTS;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.pool.PoolProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;

/**
 * Maxima and averages of windows of float32 planes, first down, then across: of a window of r rows and c columns, r + c
 * elements are looked at and not r times c. Between the two, some rows of a plane, or of some planes if they are small, lie
 * with their padding in scratch memory that the first-level cache holds.
 */
public final class VectorPool implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfInt BITS = ValueLayout.JAVA_INT;
    private static final long PART_WORK = 200_000;
    private static final int NANOS_SHARE = 30;

    /** Elements that are read, kept and written together, about: the first-level cache holds them. */
    private static final int ELEMENTS = 6 << 10;

    /** Rows of windows that are worked on together at least: the rows of elements between two bands are read twice. */
    private static final int FEWEST_ROWS = 8;

    private static final int MOST_PLANES = 64;

    private final PoolProblem p;
    private final PoolLoops loops;
    private final PoolLoops.Row row;
    private final Window2d.Axis down;
    private final Window2d.Axis across;
    private final RowPartition split;
    private final long lineBytes;
    private final long rowBytes;

    /** The windows from the first one to the end whose rows all lie on the plane. */
    private final int firstInside;

    private final int endInside;

    /** Rows of windows that are worked on together, all of them if there are several planes. */
    private final int band;

    private final int planes;

    /** The elements of a padded row before the input's, whole vectors, of which the windows reach the last ones. */
    private final int before;

    /** The elements behind the input's that windows reach. */
    private final int endPadding;

    /** Where in scratch memory results lie whose vectors go beyond memory, and copies of elements whose vectors do. */
    private final long resultsAt;

    private final long copyAt;
    private final long scratchBytes;

    private VectorPool(PoolProblem p) {
        this.p = p;
        loops = p.average() ? new AverageLoops() : new MaximumLoops();
        down = p.window().rows();
        across = p.window().columns();
        lineBytes = (long) across.input() * Float.BYTES;
        rowBytes = (long) across.output() * Float.BYTES;
        firstInside = Math.min(down.output(), down.firstWindow(0));
        endInside = Math.max(firstInside, down.endWindow(down.kernel() - 1));
        int width = across.output();
        int reach = (width - 1) * across.stride() + (across.kernel() - 1) * across.dilation() + 1 - across.padBegin();
        before = Math.ceilDiv(across.padBegin(), LANES) * LANES;
        endPadding = Math.max(0, reach - across.input());
        int pitch = before + Math.ceilDiv(Math.max(across.input(), reach), LANES) * LANES;
        long perRow = (long) down.stride() * across.input() + pitch + width;
        band = Math.clamp(ELEMENTS / perRow, Math.min(FEWEST_ROWS, down.output()), down.output());
        long plane = p.window().pixels() + (long) down.output() * (pitch + width);
        planes = band < down.output() ? 1 : Math.clamp(ELEMENTS / plane, 1, MOST_PLANES);
        row = new PoolLoops.Row(
                width,
                (long) pitch * Float.BYTES,
                across.kernel(),
                across.dilation(),
                across.stride(),
                p.average() ? counts(across, 1, width + LANES) : null,
                p.average() ? counts(down, planes, planes * down.output()) : null);
        resultsAt = (long) planes * band * row.pitch() + 2 * VECTOR;
        copyAt = resultsAt + Math.ceilDiv(rowBytes + 2 * VECTOR, VECTOR) * VECTOR;
        int reached = (band - 1) * down.stride() + (down.kernel() - 1) * down.dilation() + 1;
        int inputs = planes > 1 ? planes * down.input() : Math.min(down.input(), reached);
        scratchBytes = copyAt + inputs * lineBytes + VECTOR;
        split = RowPartition.of(
                p.planes(),
                p.window().windows() * p.window().taps() + p.window().pixels(),
                PART_WORK);
    }

    /** The taps of each window along an axis that count in an average, as often as is asked for, and 1 behind them. */
    private float[] counts(Window2d.Axis axis, int times, int length) {
        float[] counts = new float[length];
        for (int i = 0; i < length; i++) {
            int window = i % axis.output();
            int inside = Math.max(0, axis.endTap(window) - axis.firstTap(window));
            counts[i] = i >= times * axis.output() ? 1 : p.countPadding() ? axis.paddedTaps(window) : inside;
        }
        return counts;
    }

    /**
     * A kernel.
     *
     * @param p the planes
     * @return the kernel
     */
    public static Kernel of(PoolProblem p) {
        return new VectorPool(p);
    }

    @Override
    public String id() {
        return "pool_f32_vector" + SimdSpecies.BITS;
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        long work = p.window().windows() * (down.kernel() + across.kernel())
                + p.window().pixels();
        return 1 + split.most() * work / NANOS_SHARE;
    }

    @Override
    public long scratchBytes() {
        return scratchBytes;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        pad(scratch, 0, before * (long) Float.BYTES, planes * band);
        pad(scratch, before * (long) Float.BYTES + lineBytes, endPadding * (long) Float.BYTES, planes * band);
        long end = split.start(to);
        for (long plane = split.start(from); plane < end; plane += planes) {
            int count = (int) Math.min(planes, end - plane);
            for (int i = 0; i < down.output(); i += band) {
                band(operands, plane, count, i, Math.min(down.output(), i + band), end, scratch);
            }
        }
    }

    /** Computes rows of windows of a plane, or all of several planes. */
    private void band(
            MemorySegment[] operands, long plane, int count, int first, int end, long endPlane, MemorySegment scratch) {
        int top = Math.clamp(down.start(first), 0, down.input());
        int reached = down.start(end - 1) + (down.kernel() - 1) * down.dilation() + 1;
        int bottom = planes > 1 ? down.input() : Math.clamp(reached, top, down.input());
        long from = (plane * down.input() + top) * lineBytes;
        long bytes = (long) count * (bottom - top) * lineBytes;
        MemorySegment x = operands[0];
        if (from + bytes + VECTOR > x.byteSize()) {
            MemorySegment.copy(x, from, scratch, copyAt, bytes);
            x = scratch;
            from = copyAt;
        }
        int height = end - first;
        for (int k = 0; k < count; k++) {
            down(
                    x,
                    from + (long) k * (bottom - top) * lineBytes,
                    top,
                    first,
                    end,
                    scratch,
                    (long) k * height * row.pitch());
        }
        int rows = count * height;
        padEnds(scratch, rows);
        long to = (plane * down.output() + first) * rowBytes;
        across(scratch, rows, first, operands[1], to, endPlane * down.output() * rowBytes);
    }

    /** Makes the rows of windows from one to another, those whose rows all lie on the plane together. */
    private void down(MemorySegment x, long at, int top, int first, int end, MemorySegment scratch, long to) {
        int inside = Math.clamp(firstInside, first, end);
        int behind = Math.clamp(endInside, inside, end);
        long last = (across.input() - 1L) / LANES * VECTOR;
        long step = down.dilation() * lineBytes;
        long place = to + (long) before * Float.BYTES;
        for (int i = first; i < end; ) {
            int rows = i == inside ? Math.max(1, behind - inside) : 1;
            int tap = down.firstTap(i);
            int taps = Math.max(0, down.endTap(i) - tap);
            long from = taps == 0 ? at : at + (down.start(i) + tap * down.dilation() - top) * lineBytes;
            loops.down(x, from, taps, step, down.stride() * lineBytes, last, rows, scratch, place, row.pitch());
            i += rows;
            place += rows * row.pitch();
        }
    }

    /** Writes the padding behind rows where vectors have gone beyond them. */
    private void padEnds(MemorySegment scratch, int rows) {
        if (across.input() % LANES == 0 || endPadding == 0) {
            return;
        }
        long start = before * (long) Float.BYTES + lineBytes;
        if (before > 0 && endPadding <= LANES) {
            padVectors(scratch, start, rows, row.pitch(), loops.padding());
        } else {
            pad(scratch, start, endPadding * (long) Float.BYTES, rows);
        }
    }

    /** Writes a vector of padding behind each row: it ends in the padding before the next one. */
    private static void padVectors(MemorySegment scratch, long start, int rows, long pitch, int padding) {
        scratch = NATIVE.cast(scratch);
        IntVector v = INTS.cast(IntVector.broadcast(I32, padding));
        long at = start;
        for (int i = 0; i < rows; i++) {
            v.intoMemorySegment(scratch, at, ORDER);
            at += pitch;
        }
    }

    private void pad(MemorySegment scratch, long from, long bytes, int rows) {
        int padding = loops.padding();
        for (int i = 0; i < rows; i++) {
            long start = from + i * row.pitch();
            for (long at = start; at < start + bytes; at += Integer.BYTES) {
                scratch.set(BITS, at, padding);
            }
        }
    }

    /** Makes the results, by way of scratch memory those whose vectors go beyond the results of this part. */
    private void across(MemorySegment scratch, int rows, int first, MemorySegment y, long to, long end) {
        long from = (long) (before - across.padBegin()) * Float.BYTES;
        long free = end - to - row.last() - VECTOR;
        int whole = free < 0 ? 0 : (int) Math.min(rows, free / rowBytes + 1);
        loops.across(scratch, from, row, first, whole, y, to);
        if (whole < rows) {
            loops.across(scratch, from + whole * row.pitch(), row, first + whole, rows - whole, scratch, resultsAt);
            MemorySegment.copy(scratch, resultsAt, y, to + whole * rowBytes, (rows - whole) * rowBytes);
        }
    }
}
