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
 * Maxima and averages of windows of float32 planes in two passes, vertical and horizontal: a window of r rows and c
 * columns costs r + c operations instead of r times c. Between the passes, some rows of a plane, or of some small
 * planes, are in scratch memory with their padding. The first-level cache holds them.
 */
public final class VectorPool implements Kernel {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfInt BITS = ValueLayout.JAVA_INT;
    private static final long PART_WORK = 200_000;
    private static final int TAPS_PER_NANO = 30;

    /** Roughly the elements of a band: input, scratch memory and results, which the first-level cache holds. */
    private static final int BAND_ELEMENTS = 6 << 10;

    /** The fewest rows of windows of a band: input rows at the border of two bands are read twice. */
    private static final int MIN_BAND_ROWS = 8;

    private static final int MAX_PLANES = 64;

    private final PoolProblem p;
    private final PoolLoops loops;
    private final PoolLoops.Vertical vertical;
    private final PoolLoops.Horizontal horizontal;
    private final Window2d.Axis rowAxis;
    private final Window2d.Axis columnAxis;
    private final RowPartition partition;
    private final long lineBytes;
    private final long rowBytes;

    /** The range of rows of windows whose rows are all inside the plane. */
    private final int firstInterior;

    private final int endInterior;

    /** The rows of windows of a band; all of them if a band has several planes. */
    private final int band;

    private final int planes;

    /** The elements before the input in a padded row: whole vectors. Windows reach the last of them. */
    private final int leftPadding;

    /** The elements after the input in a padded row that windows reach. */
    private final int rightPadding;

    /**
     * The offsets in scratch memory of results whose vectors would reach beyond the output, and of a copy of input
     * whose vectors would reach beyond it.
     */
    private final long resultsOffset;

    private final long copyOffset;
    private final long scratchBytes;

    private VectorPool(PoolProblem p) {
        this.p = p;
        loops = p.average() ? new AveragePoolLoops() : new MaxPoolLoops();
        rowAxis = p.window().rows();
        columnAxis = p.window().columns();
        lineBytes = (long) columnAxis.input() * Float.BYTES;
        rowBytes = (long) columnAxis.output() * Float.BYTES;
        firstInterior = Math.min(rowAxis.output(), rowAxis.firstWindow(0));
        endInterior = Math.max(firstInterior, rowAxis.endWindow(rowAxis.kernel() - 1));
        int width = columnAxis.output();
        int inputWidth = (width - 1) * columnAxis.stride()
                + (columnAxis.kernel() - 1) * columnAxis.dilation()
                + 1
                - columnAxis.padBegin();
        leftPadding = Math.ceilDiv(columnAxis.padBegin(), LANES) * LANES;
        rightPadding = Math.max(0, inputWidth - columnAxis.input());
        int pitch = leftPadding + Math.ceilDiv(Math.max(columnAxis.input(), inputWidth), LANES) * LANES;
        long perRow = (long) rowAxis.stride() * columnAxis.input() + pitch + width;
        band = Math.clamp(BAND_ELEMENTS / perRow, Math.min(MIN_BAND_ROWS, rowAxis.output()), rowAxis.output());
        long plane = p.window().pixels() + (long) rowAxis.output() * (pitch + width);
        planes = band < rowAxis.output() ? 1 : Math.clamp(BAND_ELEMENTS / plane, 1, MAX_PLANES);
        vertical = new PoolLoops.Vertical(
                rowAxis.dilation() * lineBytes,
                rowAxis.stride() * lineBytes,
                (columnAxis.input() - 1L) / LANES * VECTOR,
                (long) pitch * Float.BYTES);
        horizontal = new PoolLoops.Horizontal(
                width,
                (long) pitch * Float.BYTES,
                columnAxis.kernel(),
                columnAxis.dilation(),
                columnAxis.stride(),
                p.average() ? tapCounts(columnAxis, 1, width + LANES) : null,
                p.average() ? tapCounts(rowAxis, planes, planes * rowAxis.output()) : null);
        resultsOffset = (long) planes * band * horizontal.pitch() + 2 * VECTOR;
        copyOffset = resultsOffset + Math.ceilDiv(rowBytes + 2 * VECTOR, VECTOR) * VECTOR;
        int inputRows = (band - 1) * rowAxis.stride() + (rowAxis.kernel() - 1) * rowAxis.dilation() + 1;
        int inputs = planes > 1 ? planes * rowAxis.input() : Math.min(rowAxis.input(), inputRows);
        scratchBytes = copyOffset + inputs * lineBytes + VECTOR;
        partition = RowPartition.of(
                p.planes(),
                p.window().windows() * p.window().taps() + p.window().pixels(),
                PART_WORK);
    }

    /**
     * The taps of each window along an axis that an average counts, repeated for several planes and followed by ones.
     */
    private float[] tapCounts(Window2d.Axis axis, int times, int length) {
        float[] counts = new float[length];
        for (int i = 0; i < length; i++) {
            int window = i % axis.output();
            int inside = Math.max(0, axis.endTap(window) - axis.firstTap(window));
            counts[i] = i >= times * axis.output() ? 1 : p.countPadding() ? axis.paddedTaps(window) : inside;
        }
        return counts;
    }

    /**
     * The kernel of a problem.
     *
     * @param p the pooling
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
        return partition.parts();
    }

    @Override
    public long partNanos() {
        long work = p.window().windows() * (rowAxis.kernel() + columnAxis.kernel())
                + p.window().pixels();
        return 1 + partition.maxPartRows() * work / TAPS_PER_NANO;
    }

    @Override
    public long scratchBytes() {
        return scratchBytes;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        pad(scratch, 0, leftPadding * (long) Float.BYTES, planes * band);
        pad(scratch, leftPadding * (long) Float.BYTES + lineBytes, rightPadding * (long) Float.BYTES, planes * band);
        long end = partition.start(to);
        for (long plane = partition.start(from); plane < end; plane += planes) {
            int count = (int) Math.min(planes, end - plane);
            for (int i = 0; i < rowAxis.output(); i += band) {
                poolBand(operands, plane, count, i, Math.min(rowAxis.output(), i + band), end, scratch);
            }
        }
    }

    /** Computes some rows of windows of a plane, or all rows of several planes. */
    private void poolBand(
            MemorySegment[] operands, long plane, int count, int first, int end, long endPlane, MemorySegment scratch) {
        int top = Math.clamp(rowAxis.start(first), 0, rowAxis.input());
        int inputEnd = rowAxis.start(end - 1) + (rowAxis.kernel() - 1) * rowAxis.dilation() + 1;
        int bottom = planes > 1 ? rowAxis.input() : Math.clamp(inputEnd, top, rowAxis.input());
        long from = (plane * rowAxis.input() + top) * lineBytes;
        long bytes = (long) count * (bottom - top) * lineBytes;
        MemorySegment x = operands[0];
        if (from + bytes + VECTOR > x.byteSize()) {
            MemorySegment.copy(x, from, scratch, copyOffset, bytes);
            x = scratch;
            from = copyOffset;
        }
        int height = end - first;
        for (int k = 0; k < count; k++) {
            verticalPass(
                    x,
                    from + (long) k * (bottom - top) * lineBytes,
                    top,
                    first,
                    end,
                    scratch,
                    (long) k * height * horizontal.pitch());
        }
        int rows = count * height;
        padRight(scratch, rows);
        long to = (plane * rowAxis.output() + first) * rowBytes;
        horizontalPass(scratch, rows, first, operands[1], to, endPlane * rowAxis.output() * rowBytes);
    }

    /** Makes a range of rows of windows. Rows of windows inside the plane are made by one call. */
    private void verticalPass(MemorySegment x, long at, int top, int first, int end, MemorySegment scratch, long to) {
        int interior = Math.clamp(firstInterior, first, end);
        int interiorEnd = Math.clamp(endInterior, interior, end);
        long place = to + (long) leftPadding * Float.BYTES;
        for (int i = first; i < end; ) {
            int rows = i == interior ? Math.max(1, interiorEnd - interior) : 1;
            int tap = rowAxis.firstTap(i);
            int taps = Math.max(0, rowAxis.endTap(i) - tap);
            long from = taps == 0 ? at : at + (rowAxis.start(i) + tap * rowAxis.dilation() - top) * lineBytes;
            loops.vertical(x, from, taps, vertical, rows, scratch, place);
            i += rows;
            place += rows * horizontal.pitch();
        }
    }

    /** Writes the padding after rows that vectors have overwritten. */
    private void padRight(MemorySegment scratch, int rows) {
        if (columnAxis.input() % LANES == 0 || rightPadding == 0) {
            return;
        }
        long start = leftPadding * (long) Float.BYTES + lineBytes;
        if (leftPadding > 0 && rightPadding <= LANES) {
            padRightByVectors(scratch, start, rows, horizontal.pitch(), loops.padding());
        } else {
            pad(scratch, start, rightPadding * (long) Float.BYTES, rows);
        }
    }

    /** Writes one vector of padding after each row. It ends within the padding before the next row. */
    private static void padRightByVectors(MemorySegment scratch, long start, int rows, long pitch, int padding) {
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
            long start = from + i * horizontal.pitch();
            for (long at = start; at < start + bytes; at += Integer.BYTES) {
                scratch.set(BITS, at, padding);
            }
        }
    }

    /**
     * Computes the results. Rows whose vectors would reach beyond the results of this part go through scratch memory.
     */
    private void horizontalPass(MemorySegment scratch, int rows, int first, MemorySegment y, long to, long end) {
        long from = (long) (leftPadding - columnAxis.padBegin()) * Float.BYTES;
        long free = end - to - horizontal.lastVector() - VECTOR;
        int whole = free < 0 ? 0 : (int) Math.min(rows, free / rowBytes + 1);
        loops.horizontal(scratch, from, horizontal, first, whole, y, to);
        if (whole < rows) {
            loops.horizontal(
                    scratch,
                    from + whole * horizontal.pitch(),
                    horizontal,
                    first + whole,
                    rows - whole,
                    scratch,
                    resultsOffset);
            MemorySegment.copy(scratch, resultsOffset, y, to + whole * rowBytes, (rows - whole) * rowBytes);
        }
    }
}
