package dev.tenon.kernel.vector.pool;

import static dev.tenon.kernel.vector.FloatOrder.SHIFT;
import static dev.tenon.kernel.vector.FloatOrder.SIGN;
import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.I32;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.INTS;

import dev.tenon.kernel.vector.FloatOrder;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Neighbouring windows of three columns of taps in a line of windows, of planes whose channels lie last; all of their taps lie
 * on the plane. One loop goes through the vectors of all windows in the order in which they lie, which memory takes best.
 * What has been made of a column of taps is kept, for each vector of channels, for the other windows that it is part of, in
 * memory of {@link #keptBytes} that every call writes before it reads: windows of three rows load every vector once. Maxima
 * of one or two rows load a row several times, so that they need no loops of their own. The last vector of a window lies on
 * the one before it: the elements of both are computed twice. Offsets and distances are bytes.
 *
 * <p>The limit of averages in the caches is what they load, add and store (to multiply instead of to divide gains 2 %), that
 * of maxima the operations on integers by which NaN and signed zeros come right: numbers are compared by their
 * {@link FloatOrder}.
 *
 * @param tap from a column of taps to the next
 * @param line from a row of taps to the next
 * @param pixel from a window's result to the next one's: its channels, a vector of them or more
 */
record Pool3x3Nhwc(long tap, long line, long pixel) {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final long VECTOR = (long) SimdSpecies.LANES * Float.BYTES;

    private int vectors() {
        return (int) Math.ceilDiv(pixel, VECTOR);
    }

    /** The bytes that are kept: what has been made of two columns. */
    long keptBytes() {
        return 2 * VECTOR * vectors();
    }

    /** Averages of three rows and three columns of taps, of windows whose columns are one apart. */
    void averagesByOne(
            MemorySegment x, long at, int windows, float taps, MemorySegment y, long to, MemorySegment kept) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        kept = NATIVE.cast(kept);
        long last = pixel - VECTOR;
        long second = vectors() * VECTOR;
        for (long channel = 0; channel < pixel; channel += VECTOR) {
            long place = at + Math.min(channel, last);
            FloatVector a = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, place + line, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, place + 2 * line, ORDER));
            FloatVector b = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place + tap, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, place + tap + line, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, place + tap + 2 * line, ORDER));
            a.add(b).intoMemorySegment(kept, channel, ORDER);
            b.intoMemorySegment(kept, second + channel, ORDER);
        }
        long window = at + 2 * tap;
        long result = to;
        long channel = 0;
        for (int left = vectors() * windows; left > 0; left--) {
            long shift = Math.min(channel, last);
            long place = window + shift;
            FloatVector c = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, place + line, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, place + 2 * line, ORDER));
            FloatVector b = FLOATS.cast(FloatVector.fromMemorySegment(F32, kept, second + channel, ORDER));
            FLOATS.cast(FloatVector.fromMemorySegment(F32, kept, channel, ORDER))
                    .add(c)
                    .div(taps)
                    .intoMemorySegment(y, result + shift, ORDER);
            b.add(c).intoMemorySegment(kept, channel, ORDER);
            c.intoMemorySegment(kept, second + channel, ORDER);
            channel += VECTOR;
            if (channel >= pixel) {
                channel = 0;
                window += tap;
                result += pixel;
            }
        }
    }

    /** The same of windows whose columns are two apart. */
    void averagesByTwo(
            MemorySegment x, long at, int windows, float taps, MemorySegment y, long to, MemorySegment kept) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        kept = NATIVE.cast(kept);
        long last = pixel - VECTOR;
        for (long channel = 0; channel < pixel; channel += VECTOR) {
            long place = at + Math.min(channel, last);
            FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, place + line, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, place + 2 * line, ORDER))
                    .intoMemorySegment(kept, channel, ORDER);
        }
        long window = at + tap;
        long result = to;
        long channel = 0;
        for (int left = vectors() * windows; left > 0; left--) {
            long shift = Math.min(channel, last);
            long place = window + shift;
            FloatVector b = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, place + line, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, place + 2 * line, ORDER));
            FloatVector c = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place + tap, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, place + tap + line, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, place + tap + 2 * line, ORDER));
            FLOATS.cast(FloatVector.fromMemorySegment(F32, kept, channel, ORDER))
                    .add(b)
                    .add(c)
                    .div(taps)
                    .intoMemorySegment(y, result + shift, ORDER);
            c.intoMemorySegment(kept, channel, ORDER);
            channel += VECTOR;
            if (channel >= pixel) {
                channel = 0;
                window += 2 * tap;
                result += pixel;
            }
        }
    }

    /**
     * Maxima of three columns of taps, of windows whose columns are one apart.
     *
     * @param next from the first row of taps to another one
     * @param third from the first row of taps to the last one; of fewer than three rows some are the same
     */
    void maximaByOne(
            MemorySegment x,
            long at,
            long next,
            long third,
            int windows,
            MemorySegment y,
            long to,
            MemorySegment kept) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        kept = NATIVE.cast(kept);
        long last = pixel - VECTOR;
        long second = vectors() * VECTOR;
        for (long channel = 0; channel < pixel; channel += VECTOR) {
            long place = at + Math.min(channel, last);
            IntVector p = INTS.cast(IntVector.fromMemorySegment(I32, x, place, ORDER));
            IntVector u = INTS.cast(IntVector.fromMemorySegment(I32, x, place + tap, ORDER));
            IntVector q = INTS.cast(IntVector.fromMemorySegment(I32, x, place + next, ORDER));
            IntVector v = INTS.cast(IntVector.fromMemorySegment(I32, x, place + tap + next, ORDER));
            IntVector r = INTS.cast(IntVector.fromMemorySegment(I32, x, place + third, ORDER));
            IntVector w = INTS.cast(IntVector.fromMemorySegment(I32, x, place + tap + third, ORDER));
            p = p.lanewise(
                            VectorOperators.XOR,
                            p.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .sub(SHIFT);
            u = u.lanewise(
                            VectorOperators.XOR,
                            u.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .sub(SHIFT);
            q = q.lanewise(
                            VectorOperators.XOR,
                            q.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .sub(SHIFT);
            v = v.lanewise(
                            VectorOperators.XOR,
                            v.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .sub(SHIFT);
            r = r.lanewise(
                            VectorOperators.XOR,
                            r.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .sub(SHIFT);
            w = w.lanewise(
                            VectorOperators.XOR,
                            w.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .sub(SHIFT);
            IntVector b = u.max(v).max(w);
            p.max(q).max(r).max(b).intoMemorySegment(kept, channel, ORDER);
            b.intoMemorySegment(kept, second + channel, ORDER);
        }
        long window = at + 2 * tap;
        long result = to;
        long channel = 0;
        for (int left = vectors() * windows; left > 0; left--) {
            long shift = Math.min(channel, last);
            long place = window + shift;
            IntVector u = INTS.cast(IntVector.fromMemorySegment(I32, x, place, ORDER));
            IntVector v = INTS.cast(IntVector.fromMemorySegment(I32, x, place + next, ORDER));
            IntVector w = INTS.cast(IntVector.fromMemorySegment(I32, x, place + third, ORDER));
            u = u.lanewise(
                            VectorOperators.XOR,
                            u.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .sub(SHIFT);
            v = v.lanewise(
                            VectorOperators.XOR,
                            v.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .sub(SHIFT);
            w = w.lanewise(
                            VectorOperators.XOR,
                            w.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .sub(SHIFT);
            IntVector c = u.max(v).max(w);
            IntVector b = INTS.cast(IntVector.fromMemorySegment(I32, kept, second + channel, ORDER));
            IntVector most = INTS.cast(IntVector.fromMemorySegment(I32, kept, channel, ORDER))
                    .max(c)
                    .add(SHIFT);
            most.lanewise(
                            VectorOperators.XOR,
                            most.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .intoMemorySegment(y, result + shift, ORDER);
            b.max(c).intoMemorySegment(kept, channel, ORDER);
            c.intoMemorySegment(kept, second + channel, ORDER);
            channel += VECTOR;
            if (channel >= pixel) {
                channel = 0;
                window += tap;
                result += pixel;
            }
        }
    }

    /** The same of windows whose columns are two apart. */
    void maximaByTwo(
            MemorySegment x,
            long at,
            long next,
            long third,
            int windows,
            MemorySegment y,
            long to,
            MemorySegment kept) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        kept = NATIVE.cast(kept);
        long last = pixel - VECTOR;
        for (long channel = 0; channel < pixel; channel += VECTOR) {
            long place = at + Math.min(channel, last);
            IntVector u = INTS.cast(IntVector.fromMemorySegment(I32, x, place, ORDER));
            IntVector v = INTS.cast(IntVector.fromMemorySegment(I32, x, place + next, ORDER));
            IntVector w = INTS.cast(IntVector.fromMemorySegment(I32, x, place + third, ORDER));
            u = u.lanewise(
                            VectorOperators.XOR,
                            u.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .sub(SHIFT);
            v = v.lanewise(
                            VectorOperators.XOR,
                            v.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .sub(SHIFT);
            w = w.lanewise(
                            VectorOperators.XOR,
                            w.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .sub(SHIFT);
            u.max(v).max(w).intoMemorySegment(kept, channel, ORDER);
        }
        long window = at + tap;
        long result = to;
        long channel = 0;
        for (int left = vectors() * windows; left > 0; left--) {
            long shift = Math.min(channel, last);
            long place = window + shift;
            IntVector p = INTS.cast(IntVector.fromMemorySegment(I32, x, place, ORDER));
            IntVector u = INTS.cast(IntVector.fromMemorySegment(I32, x, place + tap, ORDER));
            IntVector q = INTS.cast(IntVector.fromMemorySegment(I32, x, place + next, ORDER));
            IntVector v = INTS.cast(IntVector.fromMemorySegment(I32, x, place + tap + next, ORDER));
            IntVector r = INTS.cast(IntVector.fromMemorySegment(I32, x, place + third, ORDER));
            IntVector w = INTS.cast(IntVector.fromMemorySegment(I32, x, place + tap + third, ORDER));
            p = p.lanewise(
                            VectorOperators.XOR,
                            p.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .sub(SHIFT);
            u = u.lanewise(
                            VectorOperators.XOR,
                            u.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .sub(SHIFT);
            q = q.lanewise(
                            VectorOperators.XOR,
                            q.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .sub(SHIFT);
            v = v.lanewise(
                            VectorOperators.XOR,
                            v.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .sub(SHIFT);
            r = r.lanewise(
                            VectorOperators.XOR,
                            r.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .sub(SHIFT);
            w = w.lanewise(
                            VectorOperators.XOR,
                            w.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .sub(SHIFT);
            IntVector c = u.max(v).max(w);
            IntVector most = INTS.cast(IntVector.fromMemorySegment(I32, kept, channel, ORDER))
                    .max(p.max(q).max(r))
                    .max(c)
                    .add(SHIFT);
            most.lanewise(
                            VectorOperators.XOR,
                            most.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .intoMemorySegment(y, result + shift, ORDER);
            c.intoMemorySegment(kept, channel, ORDER);
            channel += VECTOR;
            if (channel >= pixel) {
                channel = 0;
                window += 2 * tap;
                result += pixel;
            }
        }
    }
}
