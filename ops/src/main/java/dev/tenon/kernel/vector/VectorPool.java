package dev.tenon.kernel.vector;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.PoolProblem;
import dev.tenon.kernel.RowParts;
import dev.tenon.kernel.Window2d;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Maxima and averages of windows of float32 planes, each plane copied as a {@link TapPlane}. */
public final class VectorPool implements Kernel {
    private static final VectorSpecies<Float> S = VectorShape.F32;
    private static final int LANES = S.length();
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final long STEP = 2 * VECTOR;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_WORK = 200_000;
    private static final int NANOS_SHARE = 10;

    private final PoolProblem p;
    private final TapPlane plane;
    private final long[] taps;
    private final RowParts split;
    private final int width;
    private final int height;

    private VectorPool(PoolProblem p) {
        this.p = p;
        plane = new TapPlane(p.window(), p.average() ? 0 : Float.NEGATIVE_INFINITY);
        taps = plane.taps();
        width = p.window().columns().output();
        height = p.window().rows().output();
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
        return planeAt() + plane.byteSize() + STEP;
    }

    private long planeAt() {
        return STEP + Math.ceilDiv(p.average() ? width : 0, 2 * LANES) * STEP;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        Window2d.Axis columns = p.window().columns();
        for (int j = 0; p.average() && j < width; j++) {
            scratch.set(F32, STEP + (long) j * Float.BYTES, count(columns, j));
        }
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
     * Computes a plane. Steps go beyond the end of a row, and what they write there the next row overwrites; only where
     * they would go beyond the plane, which may be another thread's, they write to scratch.
     */
    private void plane(MemorySegment scratch, MemorySegment y, long out) {
        long end = out + p.window().windows() * Float.BYTES;
        for (int i = 0; i < height; i++) {
            long from = planeAt() + i * plane.rowBytes();
            int rowTaps = p.average() ? count(p.window().rows(), i) : 0;
            for (int j = 0; j < width; j += 2 * LANES) {
                long column = (long) j * Float.BYTES;
                long to = out + (long) i * width * Float.BYTES + column;
                boolean inside = to + STEP <= end;
                MemorySegment target = inside ? y : scratch;
                if (p.average()) {
                    average(scratch, from + column, STEP + column, rowTaps, target, inside ? to : 0);
                } else {
                    maximum(scratch, from + column, target, inside ? to : 0);
                }
                if (!inside) {
                    MemorySegment.copy(scratch, 0, y, to, Math.min(width - j, 2 * LANES) * (long) Float.BYTES);
                }
            }
        }
    }

    private void maximum(MemorySegment s, long from, MemorySegment y, long to) {
        FloatVector a = FloatVector.fromMemorySegment(S, s, from + taps[0], ORDER);
        FloatVector b = FloatVector.fromMemorySegment(S, s, from + taps[0] + VECTOR, ORDER);
        for (int t = 1; t < taps.length; t++) {
            long at = from + taps[t];
            a = a.max(FloatVector.fromMemorySegment(S, s, at, ORDER));
            b = b.max(FloatVector.fromMemorySegment(S, s, at + VECTOR, ORDER));
        }
        a.intoMemorySegment(y, to, ORDER);
        b.intoMemorySegment(y, to + VECTOR, ORDER);
    }

    private void average(MemorySegment s, long from, long columnTaps, int rowTaps, MemorySegment y, long to) {
        FloatVector a = FloatVector.fromMemorySegment(S, s, from + taps[0], ORDER);
        FloatVector b = FloatVector.fromMemorySegment(S, s, from + taps[0] + VECTOR, ORDER);
        for (int t = 1; t < taps.length; t++) {
            long at = from + taps[t];
            a = a.add(FloatVector.fromMemorySegment(S, s, at, ORDER));
            b = b.add(FloatVector.fromMemorySegment(S, s, at + VECTOR, ORDER));
        }
        FloatVector n = FloatVector.broadcast(S, rowTaps);
        a.div(FloatVector.fromMemorySegment(S, s, columnTaps, ORDER).mul(n)).intoMemorySegment(y, to, ORDER);
        b.div(FloatVector.fromMemorySegment(S, s, columnTaps + VECTOR, ORDER).mul(n))
                .intoMemorySegment(y, to + VECTOR, ORDER);
    }
}
