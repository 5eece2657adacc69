package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.VectorShape.Floats.F32;
import static dev.tenon.kernel.vector.VectorShape.Floats.FLOATS;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The innermost loops of a convolution whose windows are three neighbouring elements of each of three lines of one
 * channel: a vector of outputs has its weights in registers while the windows of a line pass, and no tile, which takes
 * longer to begin and to write than to compute. Neighbouring windows begin at neighbouring elements; each element has the
 * bits that {@link LineTile} gives it.
 */
final class ThreeLines {
    /** The lines of a window, and its elements of each. */
    static final int SIDE = 3;

    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final float[] ZERO = new float[1];

    private ThreeLines() {}

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
        for (int i = 0; i < count; i++) {
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
