package dev.tenon.kernel.vector.conv;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.vector.gemm.GemmTile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The innermost loop of a 3 x 3 convolution with stride 1 over a single input channel. It keeps the weights of a vector
 * of output channels in registers and slides along a row of windows. It uses no tile: with nine terms, to set up and to
 * store a tile would take longer than the sums. Each element has the same bits as with {@link LineConvTile}.
 *
 * @param lineStep elements from a row of a window to the next
 * @param lower the lower bound of results
 * @param rowBytes bytes from the result of a window to that of the next
 */
record Conv3x3SingleChannel(int lineStep, float lower, long rowBytes) {
    /** The rows and columns of a window. */
    static final int SIDE = 3;

    /** The windows that are computed at a time, so that their chains of multiply-adds overlap. */
    private static final int WINDOWS = 4;

    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final float[] ZERO = new float[1];

    /**
     * Multiplies neighbouring windows with the weights of a vector of output channels, adds a bias, and applies the
     * lower bound. NaN stays NaN.
     *
     * @param a the input rows
     * @param first the index of the first element of the first window
     * @param count the number of windows
     * @param b memory that holds the weights in panels
     * @param at the byte offset of the weights of the first term
     * @param start memory that holds the bias
     * @param bias the byte offset of its first element
     * @param y memory of the result
     * @param to the byte offset of the first window's result
     */
    void computeRow(
            float[] a,
            int first,
            int count,
            MemorySegment b,
            long at,
            MemorySegment start,
            long bias,
            MemorySegment y,
            long to) {
        // The loop reads locals, because C2 may load a field again after each store.
        float low = lower;
        long yStep = rowBytes;
        long termBytes = (long) GemmTile.COLUMNS * Float.BYTES;
        b = NATIVE.cast(b);
        start = NATIVE.cast(start);
        y = NATIVE.cast(y);
        FloatVector zero = FloatVector.broadcast(F32, ZERO[0]);
        FloatVector c = FloatVector.fromMemorySegment(F32, start, bias, ORDER);
        FloatVector w0 = FloatVector.fromMemorySegment(F32, b, at, ORDER);
        FloatVector w1 = FloatVector.fromMemorySegment(F32, b, at + termBytes, ORDER);
        FloatVector w2 = FloatVector.fromMemorySegment(F32, b, at + 2 * termBytes, ORDER);
        FloatVector w3 = FloatVector.fromMemorySegment(F32, b, at + 3 * termBytes, ORDER);
        FloatVector w4 = FloatVector.fromMemorySegment(F32, b, at + 4 * termBytes, ORDER);
        FloatVector w5 = FloatVector.fromMemorySegment(F32, b, at + 5 * termBytes, ORDER);
        FloatVector w6 = FloatVector.fromMemorySegment(F32, b, at + 6 * termBytes, ORDER);
        FloatVector w7 = FloatVector.fromMemorySegment(F32, b, at + 7 * termBytes, ORDER);
        FloatVector w8 = FloatVector.fromMemorySegment(F32, b, at + 8 * termBytes, ORDER);
        int second = first + lineStep;
        int third = second + lineStep;
        int i = 0;
        for (; i <= count - WINDOWS; i += WINDOWS) {
            FloatVector p0 = FLOATS.cast(FloatVector.broadcast(F32, a[first + i]));
            FloatVector p1 = FLOATS.cast(FloatVector.broadcast(F32, a[first + i + 1]));
            FloatVector p2 = FLOATS.cast(FloatVector.broadcast(F32, a[first + i + 2]));
            FloatVector p3 = FLOATS.cast(FloatVector.broadcast(F32, a[first + i + 3]));
            FloatVector p4 = FLOATS.cast(FloatVector.broadcast(F32, a[first + i + 4]));
            FloatVector p5 = FLOATS.cast(FloatVector.broadcast(F32, a[first + i + 5]));
            FloatVector v0 = p0.fma(w0, zero);
            FloatVector v1 = p1.fma(w0, zero);
            FloatVector v2 = p2.fma(w0, zero);
            FloatVector v3 = p3.fma(w0, zero);
            v0 = p1.fma(w1, v0);
            v1 = p2.fma(w1, v1);
            v2 = p3.fma(w1, v2);
            v3 = p4.fma(w1, v3);
            v0 = p2.fma(w2, v0);
            v1 = p3.fma(w2, v1);
            v2 = p4.fma(w2, v2);
            v3 = p5.fma(w2, v3);
            FloatVector q0 = FLOATS.cast(FloatVector.broadcast(F32, a[second + i]));
            FloatVector q1 = FLOATS.cast(FloatVector.broadcast(F32, a[second + i + 1]));
            FloatVector q2 = FLOATS.cast(FloatVector.broadcast(F32, a[second + i + 2]));
            FloatVector q3 = FLOATS.cast(FloatVector.broadcast(F32, a[second + i + 3]));
            FloatVector q4 = FLOATS.cast(FloatVector.broadcast(F32, a[second + i + 4]));
            FloatVector q5 = FLOATS.cast(FloatVector.broadcast(F32, a[second + i + 5]));
            v0 = q0.fma(w3, v0);
            v1 = q1.fma(w3, v1);
            v2 = q2.fma(w3, v2);
            v3 = q3.fma(w3, v3);
            v0 = q1.fma(w4, v0);
            v1 = q2.fma(w4, v1);
            v2 = q3.fma(w4, v2);
            v3 = q4.fma(w4, v3);
            v0 = q2.fma(w5, v0);
            v1 = q3.fma(w5, v1);
            v2 = q4.fma(w5, v2);
            v3 = q5.fma(w5, v3);
            FloatVector r0 = FLOATS.cast(FloatVector.broadcast(F32, a[third + i]));
            FloatVector r1 = FLOATS.cast(FloatVector.broadcast(F32, a[third + i + 1]));
            FloatVector r2 = FLOATS.cast(FloatVector.broadcast(F32, a[third + i + 2]));
            FloatVector r3 = FLOATS.cast(FloatVector.broadcast(F32, a[third + i + 3]));
            FloatVector r4 = FLOATS.cast(FloatVector.broadcast(F32, a[third + i + 4]));
            FloatVector r5 = FLOATS.cast(FloatVector.broadcast(F32, a[third + i + 5]));
            v0 = r0.fma(w6, v0);
            v1 = r1.fma(w6, v1);
            v2 = r2.fma(w6, v2);
            v3 = r3.fma(w6, v3);
            v0 = r1.fma(w7, v0);
            v1 = r2.fma(w7, v1);
            v2 = r3.fma(w7, v2);
            v3 = r4.fma(w7, v3);
            v0 = r2.fma(w8, v0);
            v1 = r3.fma(w8, v1);
            v2 = r4.fma(w8, v2);
            v3 = r5.fma(w8, v3);
            v0 = v0.add(c);
            v1 = v1.add(c);
            v2 = v2.add(c);
            v3 = v3.add(c);
            v0.blend(low, v0.compare(VectorOperators.LT, low)).intoMemorySegment(y, to + i * yStep, ORDER);
            v1.blend(low, v1.compare(VectorOperators.LT, low)).intoMemorySegment(y, to + (i + 1) * yStep, ORDER);
            v2.blend(low, v2.compare(VectorOperators.LT, low)).intoMemorySegment(y, to + (i + 2) * yStep, ORDER);
            v3.blend(low, v3.compare(VectorOperators.LT, low)).intoMemorySegment(y, to + (i + 3) * yStep, ORDER);
        }
        for (; i < count; i++) {
            FloatVector v =
                    FLOATS.cast(FloatVector.broadcast(F32, a[first + i])).fma(w0, zero);
            v = FLOATS.cast(FloatVector.broadcast(F32, a[first + i + 1])).fma(w1, v);
            v = FLOATS.cast(FloatVector.broadcast(F32, a[first + i + 2])).fma(w2, v);
            v = FLOATS.cast(FloatVector.broadcast(F32, a[second + i])).fma(w3, v);
            v = FLOATS.cast(FloatVector.broadcast(F32, a[second + i + 1])).fma(w4, v);
            v = FLOATS.cast(FloatVector.broadcast(F32, a[second + i + 2])).fma(w5, v);
            v = FLOATS.cast(FloatVector.broadcast(F32, a[third + i])).fma(w6, v);
            v = FLOATS.cast(FloatVector.broadcast(F32, a[third + i + 1])).fma(w7, v);
            v = FLOATS.cast(FloatVector.broadcast(F32, a[third + i + 2]))
                    .fma(w8, v)
                    .add(c);
            v.blend(low, v.compare(VectorOperators.LT, low)).intoMemorySegment(y, to + i * yStep, ORDER);
        }
    }
}
