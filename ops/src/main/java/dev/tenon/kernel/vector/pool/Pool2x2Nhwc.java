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
record Pool2x2Nhwc(long tap, long line, long pixel) {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final long VECTOR = (long) SimdSpecies.LANES * Float.BYTES;

    private int vectors(int windows) {
        return (int) Math.ceilDiv(pixel, VECTOR) * windows;
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
    void maxima(MemorySegment x, long at, long step, int windows, MemorySegment y, long to) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        long last = pixel - VECTOR;
        long window = at;
        long result = to;
        long channel = 0;
        for (int left = vectors(windows); left > 0; left--) {
            long shift = Math.min(channel, last);
            long place = window + shift;
            FloatVector upper = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place, ORDER))
                    .max(FloatVector.fromMemorySegment(F32, x, place + tap, ORDER));
            FloatVector lower = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place + line, ORDER))
                    .max(FloatVector.fromMemorySegment(F32, x, place + line + tap, ORDER));
            upper.max(lower).intoMemorySegment(y, result + shift, ORDER);
            channel += VECTOR;
            if (channel >= pixel) {
                channel = 0;
                window += step;
                result += pixel;
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
    void averages(MemorySegment x, long at, long step, int windows, float taps, MemorySegment y, long to) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        long last = pixel - VECTOR;
        long window = at;
        long result = to;
        long channel = 0;
        for (int left = vectors(windows); left > 0; left--) {
            long shift = Math.min(channel, last);
            long place = window + shift;
            FloatVector upper = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, place + tap, ORDER));
            FloatVector lower = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place + line, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, place + line + tap, ORDER));
            upper.add(lower).div(taps).intoMemorySegment(y, result + shift, ORDER);
            channel += VECTOR;
            if (channel >= pixel) {
                channel = 0;
                window += step;
                result += pixel;
            }
        }
    }
}
