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
 * Depthwise convolution of one plane with 3 x 3 windows and stride 1. The plane is copied to an array together with its
 * padding. Four rows of results are computed at a time and share the input rows that they read. Vectors may reach
 * beyond the end of a row; results are computed from right to left and from top to bottom, so that later vectors
 * overwrite what was written beyond a row.
 */
final class DepthwiseConv3x3 {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int SIDE = 3;
    private static final int ROWS = 4;

    private final Window2d.Axis rowAxis;
    private final Window2d.Axis columnAxis;
    /** Elements from a row of the array to the next. */
    private final int pitch;

    private final boolean bounded;
    private final float lower;
    private final float upper;

    private DepthwiseConv3x3(Window2d window, Bounds bounds) {
        rowAxis = window.rows();
        columnAxis = window.columns();
        pitch = columnAxis.output() + SIDE - 1;
        bounded = bounds != null;
        lower = bounded ? bounds.min() : Float.NEGATIVE_INFINITY;
        upper = bounded ? bounds.max() : Float.POSITIVE_INFINITY;
    }

    /**
     * The loops for some windows.
     *
     * @param window the windows
     * @param bounds the bounds that the results are clamped to, or null; NaN stays NaN
     * @return the loops, or null if the windows have another size or stride, or a row has fewer elements than a vector
     */
    static DepthwiseConv3x3 of(Window2d window, Bounds bounds) {
        return isSize3Stride1(window.rows())
                        && isSize3Stride1(window.columns())
                        && window.columns().input() >= LANES
                ? new DepthwiseConv3x3(window, bounds)
                : null;
    }

    private static boolean isSize3Stride1(Window2d.Axis axis) {
        return axis.kernel() == SIDE && axis.stride() == 1 && axis.dilation() == 1;
    }

    /** The length of the array of a plane. Vectors and blocks of rows at the end reach beyond the plane. */
    int elements() {
        return (rowAxis.output() + SIDE - 1 + ROWS) * pitch + LANES;
    }

    /** Clears the padding, and the elements after the plane. Copies of planes leave them alone. */
    void clear(float[] plane) {
        Arrays.fill(plane, 0, elements(), 0);
    }

    /** Copies a plane of the input that begins at a byte offset. */
    void loadPlane(MemorySegment x, long from, float[] plane) {
        x = NATIVE.cast(x);
        int width = columnAxis.input();
        for (int i = 0; i < rowAxis.input(); i++) {
            long line = from + (long) i * width * Float.BYTES;
            int to = (i + rowAxis.padBegin()) * pitch + columnAxis.padBegin();
            for (int j = 0; j < width; j += LANES) {
                // The last vector overlaps the one before it.
                int k = Math.min(j, width - LANES);
                FloatVector.fromMemorySegment(F32, x, line + (long) k * Float.BYTES, ORDER)
                        .intoArray(plane, to + k);
            }
        }
    }

    /**
     * Computes a plane of results. Each element is one chain of fused multiply-adds that starts from the bias.
     *
     * @param plane the plane that {@link #loadPlane} copied
     * @param w memory that holds the weights
     * @param wOffset the byte offset of the nine weights
     * @param bias the start of each element
     * @param tile an array for four vectors
     * @param y memory of the results
     * @param yOffset the byte offset of the first result
     */
    void computePlane(
            float[] plane, MemorySegment w, long wOffset, float bias, float[] tile, MemorySegment y, long yOffset) {
        int width = columnAxis.output();
        int height = rowAxis.output();
        long widthBytes = (long) width * Float.BYTES;
        long end = yOffset + height * widthBytes;
        for (int j = (width - 1) / LANES * LANES; j >= 0; j -= LANES) {
            long to = yOffset + (long) j * Float.BYTES;
            // The rows whose vectors stay within the plane. The memory after it may belong to another thread.
            int wholeRows = Math.clamp((end - to - VECTOR) / widthBytes + 1, 0, height) / ROWS * ROWS;
            computeRows(plane, j, wholeRows, w, wOffset, bias, y, to);
            for (int i = wholeRows; i < height; i += ROWS) {
                computeTail(plane, j + i * pitch, w, wOffset, bias, tile);
                for (int line = 0; line < Math.min(ROWS, height - i); line++) {
                    MemorySegment.copy(
                            tile, line * LANES, y, SCALAR, to + (i + line) * widthBytes, Math.min(width - j, LANES));
                }
            }
        }
    }

    /** Writes a vector of each of some rows; their number is a multiple of four. */
    private void computeRows(
            float[] plane, int from, int count, MemorySegment w, long weights, float bias, MemorySegment y, long out) {
        // The loop reads locals, because C2 may load a field again after each store.
        boolean clamp = bounded;
        float low = lower;
        float high = upper;
        long yRowBytes = (long) columnAxis.output() * Float.BYTES;
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
        for (int i = 0; i < count; i += ROWS) {
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
            // Repeated for each vector: a method of its own would take vectors as objects.
            if (clamp) {
                a = FLOATS.cast(a);
                a = a.blend(low, a.compare(VectorOperators.LT, low));
                a.blend(high, a.compare(VectorOperators.GT, high)).intoMemorySegment(y, to, ORDER);
                b = FLOATS.cast(b);
                b = b.blend(low, b.compare(VectorOperators.LT, low));
                b.blend(high, b.compare(VectorOperators.GT, high)).intoMemorySegment(y, to + yRowBytes, ORDER);
                c = FLOATS.cast(c);
                c = c.blend(low, c.compare(VectorOperators.LT, low));
                c.blend(high, c.compare(VectorOperators.GT, high)).intoMemorySegment(y, to + 2 * yRowBytes, ORDER);
                d = FLOATS.cast(d);
                d = d.blend(low, d.compare(VectorOperators.LT, low));
                d.blend(high, d.compare(VectorOperators.GT, high)).intoMemorySegment(y, to + 3 * yRowBytes, ORDER);
            } else {
                a.intoMemorySegment(y, to, ORDER);
                b.intoMemorySegment(y, to + yRowBytes, ORDER);
                c.intoMemorySegment(y, to + 2 * yRowBytes, ORDER);
                d.intoMemorySegment(y, to + 3 * yRowBytes, ORDER);
            }
            to += ROWS * yRowBytes;
            at += ROWS * pitch;
        }
    }

    /** Stores a vector of each of four rows in an array. Some rows may lie beyond the plane. */
    private void computeTail(float[] plane, int at, MemorySegment w, long weights, float bias, float[] tile) {
        for (int line = 0; line < ROWS; line++) {
            FloatVector sum = FLOATS.cast(FloatVector.broadcast(F32, bias));
            for (int t = 0; t < SIDE * SIDE; t++) {
                FloatVector weight =
                        FLOATS.cast(FloatVector.broadcast(F32, w.get(SCALAR, weights + (long) t * Float.BYTES)));
                sum = FLOATS.cast(FloatVector.fromArray(F32, plane, at + (line + t / SIDE) * pitch + t % SIDE))
                        .fma(weight, sum);
            }
            sum = FLOATS.cast(sum);
            sum = sum.blend(lower, sum.compare(VectorOperators.LT, lower));
            sum.blend(upper, sum.compare(VectorOperators.GT, upper)).intoArray(tile, line * LANES);
        }
    }
}
