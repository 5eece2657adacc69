package dev.tenon.kernel.vector.conv;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Bounds;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * A plane of the input with its padding in an array, and windows of 3 x 3 that slide over it one by one: four lines of
 * results at a time, which share what they see. Vectors go beyond the end of lines; so results are computed from the
 * right, and what is written behind a line is written over with the next one.
 */
final class SlidingPlane {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int SIDE = 3;
    private static final int LINES = 4;

    private final Window2d.Axis down;
    private final Window2d.Axis across;
    /** Elements from a line of the array to the next. */
    private final int pitch;

    private SlidingPlane(Window2d window) {
        down = window.rows();
        across = window.columns();
        pitch = across.output() + SIDE - 1;
    }

    /**
     * The plane of some windows.
     *
     * @param window the windows
     * @return the plane, or null if the windows are others or a line has fewer elements than a vector
     */
    static SlidingPlane of(Window2d window) {
        return slides(window.rows())
                        && slides(window.columns())
                        && window.columns().input() >= LANES
                ? new SlidingPlane(window)
                : null;
    }

    private static boolean slides(Window2d.Axis axis) {
        return axis.kernel() == SIDE && axis.stride() == 1 && axis.dilation() == 1;
    }

    /** The length of an array for the plane: vectors and lines at the end reach beyond it. */
    int elements() {
        return (down.output() + SIDE - 1 + LINES) * pitch + LANES;
    }

    /** Clears the padding, and what lies behind it, which copies leave as they are. */
    void pad(float[] plane) {
        Arrays.fill(plane, 0, elements(), 0);
    }

    /** Copies a plane of the input, which lies some bytes from the start of its memory. */
    void copy(MemorySegment x, long from, float[] plane) {
        x = NATIVE.cast(x);
        int width = across.input();
        for (int i = 0; i < down.input(); i++) {
            long line = from + (long) i * width * Float.BYTES;
            int to = (i + down.padBegin()) * pitch + across.padBegin();
            for (int j = 0; j < width; j += LANES) {
                // The last vector lies on the one before it.
                int k = Math.min(j, width - LANES);
                FloatVector.fromMemorySegment(F32, x, line + (long) k * Float.BYTES, ORDER)
                        .intoArray(plane, to + k);
            }
        }
    }

    /**
     * Computes a plane of results. Each is one chain of fused multiply-adds from the bias on.
     *
     * @param plane what {@link #copy} made
     * @param w memory that holds the weights
     * @param weights the byte offset of the nine that count
     * @param bias what each element starts from
     * @param bounds what the results are kept within, NaN stays, or null
     * @param tile an array for four vectors
     * @param y memory for the results
     * @param out the byte offset of the first one
     */
    void multiply(
            float[] plane,
            MemorySegment w,
            long weights,
            float bias,
            Bounds bounds,
            float[] tile,
            MemorySegment y,
            long out) {
        float least = bounds == null ? Float.NEGATIVE_INFINITY : bounds.least();
        float greatest = bounds == null ? Float.POSITIVE_INFINITY : bounds.greatest();
        int width = across.output();
        int height = down.output();
        long widthBytes = (long) width * Float.BYTES;
        long end = out + height * widthBytes;
        for (int j = (width - 1) / LANES * LANES; j >= 0; j -= LANES) {
            long to = out + (long) j * Float.BYTES;
            // The lines of which no vector reaches beyond the plane, which may be another thread's.
            int whole = Math.clamp((end - to - VECTOR) / widthBytes + 1, 0, height) / LINES * LINES;
            lines(plane, j, whole, w, weights, bias, bounds != null, least, greatest, y, to, widthBytes);
            for (int i = whole; i < height; i += LINES) {
                lines(plane, j + i * pitch, w, weights, bias, least, greatest, tile);
                for (int line = 0; line < Math.min(LINES, height - i); line++) {
                    MemorySegment.copy(
                            tile, line * LANES, y, SCALAR, to + (i + line) * widthBytes, Math.min(width - j, LANES));
                }
            }
        }
    }

    /** Writes a vector of each of some lines, a multiple of four. */
    private void lines(
            float[] plane,
            int from,
            int count,
            MemorySegment w,
            long weights,
            float bias,
            boolean bounded,
            float least,
            float greatest,
            MemorySegment y,
            long out,
            long apart) {
        w = NATIVE.cast(w);
        y = NATIVE.cast(y);
        FloatVector w0 = FLOATS.cast(FloatVector.broadcast(F32, w.get(SCALAR, weights)));
        FloatVector w1 = FLOATS.cast(FloatVector.broadcast(F32, w.get(SCALAR, weights + 4)));
        FloatVector w2 = FLOATS.cast(FloatVector.broadcast(F32, w.get(SCALAR, weights + 8)));
        FloatVector w3 = FLOATS.cast(FloatVector.broadcast(F32, w.get(SCALAR, weights + 12)));
        FloatVector w4 = FLOATS.cast(FloatVector.broadcast(F32, w.get(SCALAR, weights + 16)));
        FloatVector w5 = FLOATS.cast(FloatVector.broadcast(F32, w.get(SCALAR, weights + 20)));
        FloatVector w6 = FLOATS.cast(FloatVector.broadcast(F32, w.get(SCALAR, weights + 24)));
        FloatVector w7 = FLOATS.cast(FloatVector.broadcast(F32, w.get(SCALAR, weights + 28)));
        FloatVector w8 = FLOATS.cast(FloatVector.broadcast(F32, w.get(SCALAR, weights + 32)));
        FloatVector start = FLOATS.cast(FloatVector.broadcast(F32, bias));
        long to = out;
        int at = from;
        for (int i = 0; i < count; i += LINES) {
            FloatVector p = FLOATS.cast(FloatVector.fromArray(F32, plane, at));
            FloatVector q = FLOATS.cast(FloatVector.fromArray(F32, plane, at + 1));
            FloatVector r = FLOATS.cast(FloatVector.fromArray(F32, plane, at + 2));
            FloatVector a = r.fma(w2, q.fma(w1, p.fma(w0, start)));
            p = FLOATS.cast(FloatVector.fromArray(F32, plane, at + pitch));
            q = FLOATS.cast(FloatVector.fromArray(F32, plane, at + pitch + 1));
            r = FLOATS.cast(FloatVector.fromArray(F32, plane, at + pitch + 2));
            a = r.fma(w5, q.fma(w4, p.fma(w3, a)));
            FloatVector b = r.fma(w2, q.fma(w1, p.fma(w0, start)));
            p = FLOATS.cast(FloatVector.fromArray(F32, plane, at + 2 * pitch));
            q = FLOATS.cast(FloatVector.fromArray(F32, plane, at + 2 * pitch + 1));
            r = FLOATS.cast(FloatVector.fromArray(F32, plane, at + 2 * pitch + 2));
            a = r.fma(w8, q.fma(w7, p.fma(w6, a)));
            b = r.fma(w5, q.fma(w4, p.fma(w3, b)));
            FloatVector c = r.fma(w2, q.fma(w1, p.fma(w0, start)));
            p = FLOATS.cast(FloatVector.fromArray(F32, plane, at + 3 * pitch));
            q = FLOATS.cast(FloatVector.fromArray(F32, plane, at + 3 * pitch + 1));
            r = FLOATS.cast(FloatVector.fromArray(F32, plane, at + 3 * pitch + 2));
            b = r.fma(w8, q.fma(w7, p.fma(w6, b)));
            c = r.fma(w5, q.fma(w4, p.fma(w3, c)));
            FloatVector d = r.fma(w2, q.fma(w1, p.fma(w0, start)));
            p = FLOATS.cast(FloatVector.fromArray(F32, plane, at + 4 * pitch));
            q = FLOATS.cast(FloatVector.fromArray(F32, plane, at + 4 * pitch + 1));
            r = FLOATS.cast(FloatVector.fromArray(F32, plane, at + 4 * pitch + 2));
            c = r.fma(w8, q.fma(w7, p.fma(w6, c)));
            d = r.fma(w5, q.fma(w4, p.fma(w3, d)));
            p = FLOATS.cast(FloatVector.fromArray(F32, plane, at + 5 * pitch));
            q = FLOATS.cast(FloatVector.fromArray(F32, plane, at + 5 * pitch + 1));
            r = FLOATS.cast(FloatVector.fromArray(F32, plane, at + 5 * pitch + 2));
            d = r.fma(w8, q.fma(w7, p.fma(w6, d)));
            // Written out: a method of its own would take vectors as objects.
            if (bounded) {
                a = FLOATS.cast(a);
                a = a.blend(least, a.compare(VectorOperators.LT, least));
                a.blend(greatest, a.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to, ORDER);
                b = FLOATS.cast(b);
                b = b.blend(least, b.compare(VectorOperators.LT, least));
                b.blend(greatest, b.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to + apart, ORDER);
                c = FLOATS.cast(c);
                c = c.blend(least, c.compare(VectorOperators.LT, least));
                c.blend(greatest, c.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to + 2 * apart, ORDER);
                d = FLOATS.cast(d);
                d = d.blend(least, d.compare(VectorOperators.LT, least));
                d.blend(greatest, d.compare(VectorOperators.GT, greatest)).intoMemorySegment(y, to + 3 * apart, ORDER);
            } else {
                a.intoMemorySegment(y, to, ORDER);
                b.intoMemorySegment(y, to + apart, ORDER);
                c.intoMemorySegment(y, to + 2 * apart, ORDER);
                d.intoMemorySegment(y, to + 3 * apart, ORDER);
            }
            to += LINES * apart;
            at += LINES * pitch;
        }
    }

    /** Puts a vector of each of four lines, some of which may lie behind the plane, into an array. */
    private void lines(
            float[] plane,
            int at,
            MemorySegment w,
            long weights,
            float bias,
            float least,
            float greatest,
            float[] tile) {
        for (int line = 0; line < LINES; line++) {
            FloatVector sum = FLOATS.cast(FloatVector.broadcast(F32, bias));
            for (int t = 0; t < SIDE * SIDE; t++) {
                FloatVector weight =
                        FLOATS.cast(FloatVector.broadcast(F32, w.get(SCALAR, weights + (long) t * Float.BYTES)));
                sum = FLOATS.cast(FloatVector.fromArray(F32, plane, at + (line + t / SIDE) * pitch + t % SIDE))
                        .fma(weight, sum);
            }
            sum = FLOATS.cast(sum);
            sum = sum.blend(least, sum.compare(VectorOperators.LT, least));
            sum.blend(greatest, sum.compare(VectorOperators.GT, greatest)).intoArray(tile, line * LANES);
        }
    }
}
