package dev.tenon.kernel.vector.pool;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Neighbouring windows of two rows and two columns of taps, of planes whose channels lie last; all of their taps lie on the
 * plane. As no window needs what another one has made, one loop goes through the vectors of all of them in the order in which
 * they lie, which memory takes best. The last vector of a window lies on the one before it: the elements of both are computed
 * twice. Offsets and distances are bytes.
 *
 * @param tap from a column of taps to the next
 * @param line from a row of taps to the next
 * @param pixel from a window's result to the next one's: its channels, a vector of them or more
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
     * @param x the memory of the data
     * @param at where the first window begins
     * @param step from a window to the next
     * @param windows the number of windows
     * @param y the memory of the result
     * @param to where that of the first window goes
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
     * @param x the memory of the data
     * @param at where the first window begins
     * @param step from a window to the next
     * @param windows the number of windows
     * @param taps what sums are divided by
     * @param y the memory of the result
     * @param to where that of the first window goes
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
