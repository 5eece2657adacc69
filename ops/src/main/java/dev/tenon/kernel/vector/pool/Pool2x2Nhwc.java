package dev.tenon.kernel.vector.pool;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Pooling with windows of 2 x 2 in the channels-last layout (NHWC), for neighbouring windows that are inside the image.
 * One loop runs over the vectors of all windows in the order of memory. The last vector of a window overlaps the one
 * before it: the elements of both are computed twice. Offsets and distances are bytes.
 *
 * @param columnStep from a column of a window to the next
 * @param rowStep from a row of a window to the next
 * @param pixelBytes from the result of a window to the next: its channels, at least one vector
 */
record Pool2x2Nhwc(long columnStep, long rowStep, long pixelBytes) {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final long VECTOR = (long) SimdSpecies.LANES * Float.BYTES;

    private int vectors(int windows) {
        return (int) Math.ceilDiv(pixelBytes, VECTOR) * windows;
    }

    /**
     * Maxima.
     *
     * @param x memory of the input
     * @param at the offset of the first window
     * @param step from a window to the next
     * @param windows the number of windows
     * @param y memory of the result
     * @param to the offset of the first result
     */
    void max(MemorySegment x, long at, long step, int windows, MemorySegment y, long to) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        long lastVector = pixelBytes - VECTOR;
        long window = at;
        long result = to;
        long channel = 0;
        for (int remaining = vectors(windows); remaining > 0; remaining--) {
            long shift = Math.min(channel, lastVector);
            long place = window + shift;
            FloatVector upper = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place, ORDER))
                    .max(FloatVector.fromMemorySegment(F32, x, place + columnStep, ORDER));
            FloatVector lower = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place + rowStep, ORDER))
                    .max(FloatVector.fromMemorySegment(F32, x, place + rowStep + columnStep, ORDER));
            upper.max(lower).intoMemorySegment(y, result + shift, ORDER);
            channel += VECTOR;
            if (channel >= pixelBytes) {
                channel = 0;
                window += step;
                result += pixelBytes;
            }
        }
    }

    /**
     * Averages.
     *
     * @param x memory of the input
     * @param at the offset of the first window
     * @param step from a window to the next
     * @param windows the number of windows
     * @param taps the number to divide sums by
     * @param y memory of the result
     * @param to the offset of the first result
     */
    void average(MemorySegment x, long at, long step, int windows, float taps, MemorySegment y, long to) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        long lastVector = pixelBytes - VECTOR;
        long window = at;
        long result = to;
        long channel = 0;
        for (int remaining = vectors(windows); remaining > 0; remaining--) {
            long shift = Math.min(channel, lastVector);
            long place = window + shift;
            FloatVector upper = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, place + columnStep, ORDER));
            FloatVector lower = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place + rowStep, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, place + rowStep + columnStep, ORDER));
            upper.add(lower).div(taps).intoMemorySegment(y, result + shift, ORDER);
            channel += VECTOR;
            if (channel >= pixelBytes) {
                channel = 0;
                window += step;
                result += pixelBytes;
            }
        }
    }
}
