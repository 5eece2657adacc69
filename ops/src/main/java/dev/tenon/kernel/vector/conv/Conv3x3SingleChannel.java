package dev.tenon.kernel.vector.conv;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The innermost loops of a convolution whose windows are three neighbouring elements of each of three lines of one
 * channel: a vector of outputs has its weights in registers while the windows of a line pass, and no tile, which takes
 * longer to begin and to write than to compute. Neighbouring windows begin at neighbouring elements; each element has the
 * bits that {@link LineConvTile} gives it.
 */
final class Conv3x3SingleChannel {
    /** The lines of a window, and its elements of each. */
    static final int SIDE = 3;

    /** The windows that are computed at a time: their chains of additions run beside each other. */
    private static final int WINDOWS = 4;

    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final float[] ZERO = new float[1];

    private Conv3x3SingleChannel() {}

    /**
     * Multiplies neighbouring windows with a vector of outputs, adds a bias, and makes what is smaller than a bound that
     * bound. NaN stays.
     *
     * @param a the lines
     * @param first where the first window begins in its first line
     * @param lineStep elements from a line to the next
     * @param count the number of windows
     * @param b memory that holds the weights
     * @param at the byte offset of those of the first term
     * @param row bytes from a term to the next
     * @param start memory that holds the bias
     * @param bias the byte offset of its first element
     * @param least the bound
     * @param y where the results go
     * @param to the byte offset of the first one
     * @param apart bytes from the result of a window to the next
     */
    static void above(
            float[] a,
            int first,
            int lineStep,
            int count,
            MemorySegment b,
            long at,
            long row,
            MemorySegment start,
            long bias,
            float least,
            MemorySegment y,
            long to,
            long apart) {
        b = NATIVE.cast(b);
        start = NATIVE.cast(start);
        y = NATIVE.cast(y);
        FloatVector zero = FloatVector.broadcast(F32, ZERO[0]);
        FloatVector c = FloatVector.fromMemorySegment(F32, start, bias, ORDER);
        FloatVector w0 = FloatVector.fromMemorySegment(F32, b, at, ORDER);
        FloatVector w1 = FloatVector.fromMemorySegment(F32, b, at + row, ORDER);
        FloatVector w2 = FloatVector.fromMemorySegment(F32, b, at + 2 * row, ORDER);
        FloatVector w3 = FloatVector.fromMemorySegment(F32, b, at + 3 * row, ORDER);
        FloatVector w4 = FloatVector.fromMemorySegment(F32, b, at + 4 * row, ORDER);
        FloatVector w5 = FloatVector.fromMemorySegment(F32, b, at + 5 * row, ORDER);
        FloatVector w6 = FloatVector.fromMemorySegment(F32, b, at + 6 * row, ORDER);
        FloatVector w7 = FloatVector.fromMemorySegment(F32, b, at + 7 * row, ORDER);
        FloatVector w8 = FloatVector.fromMemorySegment(F32, b, at + 8 * row, ORDER);
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
            v0.blend(least, v0.compare(VectorOperators.LT, least)).intoMemorySegment(y, to + i * apart, ORDER);
            v1.blend(least, v1.compare(VectorOperators.LT, least)).intoMemorySegment(y, to + (i + 1) * apart, ORDER);
            v2.blend(least, v2.compare(VectorOperators.LT, least)).intoMemorySegment(y, to + (i + 2) * apart, ORDER);
            v3.blend(least, v3.compare(VectorOperators.LT, least)).intoMemorySegment(y, to + (i + 3) * apart, ORDER);
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
            v.blend(least, v.compare(VectorOperators.LT, least)).intoMemorySegment(y, to + i * apart, ORDER);
        }
    }
}
