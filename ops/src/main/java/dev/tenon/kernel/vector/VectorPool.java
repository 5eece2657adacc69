package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.VectorShape.Floats.F32;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.PoolProblem;
import dev.tenon.kernel.RowParts;
import dev.tenon.kernel.Window2d;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/** Maxima and averages of windows of float32 planes, each plane copied as a {@link TapPlane}. */
public final class VectorPool implements Kernel {
    private static final int LANES = VectorShape.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final int ROWS = 4;
    private static final long STEP = ROWS * VECTOR;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final long PART_WORK = 200_000;
    private static final int NANOS_SHARE = 10;

    private final PoolProblem p;
    private final TapPlane plane;
    private final long[] taps;
    private final RowParts split;
    private final int width;
    private final int height;
    /** The taps of each row of windows, up to a whole number of steps. */
    private final int[] rowTaps;

    private VectorPool(PoolProblem p) {
        this.p = p;
        plane = new TapPlane(p.window(), p.average() ? 0 : Float.NEGATIVE_INFINITY);
        taps = plane.taps();
        width = p.window().columns().output();
        height = p.window().rows().output();
        rowTaps = new int[Math.ceilDiv(height, ROWS) * ROWS];
        for (int i = 0; i < rowTaps.length && p.average(); i++) {
            rowTaps[i] = i < height ? count(p.window().rows(), i) : 1;
        }
        split = RowParts.of(
                p.planes(), p.window().windows() * taps.length + p.window().pixels(), PART_WORK);
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
        return "pool_f32_vector" + VectorShape.BITS;
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return 1
                + split.most()
                        * (p.window().windows() * taps.length / NANOS_SHARE
                                + p.window().pixels());
    }

    /** A step of results, the taps of each column for averages, then the plane, behind which a step may read. */
    @Override
    public long scratchBytes() {
        return planeAt() + plane.byteSize() + (ROWS - 1) * plane.rowBytes() + VECTOR;
    }

    private long planeAt() {
        return STEP + Math.ceilDiv(p.average() ? width : 0, LANES) * VECTOR;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        Window2d.Axis columns = p.window().columns();
        for (int j = 0; p.average() && j < width; j++) {
            scratch.set(SCALAR, STEP + (long) j * Float.BYTES, count(columns, j));
        }
        plane.pad(scratch, planeAt());
        for (long i = split.start(from); i < split.start(to); i++) {
            plane.copy(operands[0], i * p.window().pixels() * Float.BYTES, scratch, planeAt());
            plane(scratch, operands[1], i * p.window().windows() * Float.BYTES);
        }
    }

    /** The taps of a window along an axis that count in an average. */
    private int count(Window2d.Axis axis, int window) {
        return p.countPadding() ? axis.paddedTaps(window) : Math.max(0, axis.endTap(window) - axis.firstTap(window));
    }

    /**
     * Computes a plane, some rows at a time and vector by vector from the right. A step goes beyond the end of its rows,
     * and what it writes there is written again: by the next row, or by the vector at the left of the next row. Only
     * where it would go beyond the plane, which may be another thread's, its results go through scratch.
     */
    private void plane(MemorySegment scratch, MemorySegment y, long out) {
        long end = out + p.window().windows() * Float.BYTES;
        long widthBytes = (long) width * Float.BYTES;
        for (int j = (width - 1) / LANES * LANES; j >= 0; j -= LANES) {
            long column = (long) j * Float.BYTES;
            for (int i = 0; i < height; i += ROWS) {
                long from = planeAt() + column + i * plane.rowBytes();
                long to = out + column + i * widthBytes;
                boolean inside = to + (ROWS - 1) * widthBytes + VECTOR <= end;
                MemorySegment target = inside ? y : scratch;
                if (p.average()) {
                    averages(scratch, from, STEP + column, i, target, inside ? to : 0, inside ? widthBytes : VECTOR);
                } else {
                    maxima(scratch, from, target, inside ? to : 0, inside ? widthBytes : VECTOR);
                }
                for (int row = 0; !inside && row < Math.min(ROWS, height - i); row++) {
                    StridedCopy.copy(scratch, row * VECTOR, 1, y, to + row * widthBytes, Math.min(width - j, LANES));
                }
            }
        }
    }

    /** A vector in each of some rows, which may lie behind the last one. */
    private void maxima(MemorySegment s, long from, MemorySegment y, long to, long apart) {
        long row = plane.rowBytes();
        FloatVector a = FloatVector.fromMemorySegment(F32, s, from + taps[0], ORDER);
        FloatVector b = FloatVector.fromMemorySegment(F32, s, from + taps[0] + row, ORDER);
        FloatVector c = FloatVector.fromMemorySegment(F32, s, from + taps[0] + 2 * row, ORDER);
        FloatVector d = FloatVector.fromMemorySegment(F32, s, from + taps[0] + 3 * row, ORDER);
        for (int t = 1; t < taps.length; t++) {
            long at = from + taps[t];
            a = a.max(FloatVector.fromMemorySegment(F32, s, at, ORDER));
            b = b.max(FloatVector.fromMemorySegment(F32, s, at + row, ORDER));
            c = c.max(FloatVector.fromMemorySegment(F32, s, at + 2 * row, ORDER));
            d = d.max(FloatVector.fromMemorySegment(F32, s, at + 3 * row, ORDER));
        }
        a.intoMemorySegment(y, to, ORDER);
        b.intoMemorySegment(y, to + apart, ORDER);
        c.intoMemorySegment(y, to + 2 * apart, ORDER);
        d.intoMemorySegment(y, to + 3 * apart, ORDER);
    }

    /** The same for averages: a window has so many taps in its row times so many in its column. */
    private void averages(
            MemorySegment s, long from, long columnTaps, int first, MemorySegment y, long to, long apart) {
        long row = plane.rowBytes();
        FloatVector a = FloatVector.fromMemorySegment(F32, s, from + taps[0], ORDER);
        FloatVector b = FloatVector.fromMemorySegment(F32, s, from + taps[0] + row, ORDER);
        FloatVector c = FloatVector.fromMemorySegment(F32, s, from + taps[0] + 2 * row, ORDER);
        FloatVector d = FloatVector.fromMemorySegment(F32, s, from + taps[0] + 3 * row, ORDER);
        for (int t = 1; t < taps.length; t++) {
            long at = from + taps[t];
            a = a.add(FloatVector.fromMemorySegment(F32, s, at, ORDER));
            b = b.add(FloatVector.fromMemorySegment(F32, s, at + row, ORDER));
            c = c.add(FloatVector.fromMemorySegment(F32, s, at + 2 * row, ORDER));
            d = d.add(FloatVector.fromMemorySegment(F32, s, at + 3 * row, ORDER));
        }
        FloatVector n = FloatVector.fromMemorySegment(F32, s, columnTaps, ORDER);
        a.div(n.mul(rowTaps[first])).intoMemorySegment(y, to, ORDER);
        b.div(n.mul(rowTaps[first + 1])).intoMemorySegment(y, to + apart, ORDER);
        c.div(n.mul(rowTaps[first + 2])).intoMemorySegment(y, to + 2 * apart, ORDER);
        d.div(n.mul(rowTaps[first + 3])).intoMemorySegment(y, to + 3 * apart, ORDER);
    }
}
