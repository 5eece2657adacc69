package dev.tenon.kernel.vector.resize;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Resizes along an axis which is not the innermost one. Each line of the result is a weighted sum of lines of the data. A line
 * is contiguous: a row of a plane, or the elements after a column. The last vector of a line overlaps the one before it. Lines
 * that are shorter than a vector are computed one element at a time.
 *
 * @param taps the taps of the lines of the result
 * @param length the number of elements of a line
 * @param copies whether each line is a copy of one line, of elements of 4 bytes
 */
record OuterAxisLoops(UniformTaps taps, int length, boolean copies) {
    private static final int LANES = SimdSpecies.LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;

    OuterAxisLoops(UniformTaps taps, int length) {
        this(taps, length, taps.copies());
    }

    /**
     * Computes a line.
     *
     * @param x the memory of the data
     * @param from the byte offset of the first line of the data
     * @param stride bytes from a line of the data to the next
     * @param line the line of the result
     * @param y the memory of the result
     * @param to the byte offset of the line there
     */
    void run(MemorySegment x, long from, long stride, int line, MemorySegment y, long to) {
        if (copies) {
            long row = from + taps.indexOf(line, 0) * stride;
            MemorySegment.copy(x, row, y, to, length * (long) Float.BYTES);
            return;
        }
        if (length < LANES) {
            elements(x, from, stride, line, y, to);
            return;
        }
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (int i = 0; i < length; i += LANES) {
            long at = Math.min(i, length - LANES) * (long) Float.BYTES;
            // Adding this to a product changes no number, whereas adding 0 would change -0.
            FloatVector sum = FloatVector.broadcast(F32, -0f);
            for (int t = 0; t < taps.perElement(); t++) {
                long row = from + taps.indexOf(line, t) * stride;
                FloatVector weight = FloatVector.broadcast(F32, taps.weightOf(line, t));
                sum = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, row + at, ORDER))
                        .fma(weight, sum);
            }
            FLOATS.cast(sum).intoMemorySegment(y, to + at, ORDER);
        }
    }

    private void elements(MemorySegment x, long from, long stride, int line, MemorySegment y, long to) {
        for (int i = 0; i < length; i++) {
            long at = i * (long) Float.BYTES;
            float sum = -0f;
            for (int t = 0; t < taps.perElement(); t++) {
                float v = x.get(SCALAR, from + taps.indexOf(line, t) * stride + at);
                sum = Math.fma(v, taps.weightOf(line, t), sum);
            }
            y.set(SCALAR, to + at, sum);
        }
    }
}
