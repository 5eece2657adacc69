package dev.tenon.kernel.vector.pool;

import static dev.tenon.kernel.vector.FloatOrder.OFFSET;
import static dev.tenon.kernel.vector.FloatOrder.SIGN_SHIFT;
import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.I32;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.INTS;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.tenon.kernel.vector.FloatOrder;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Pooling with windows of 3 x 3 in the channels-last layout (NHWC), for neighbouring windows of a row that are inside
 * the image; maxima also take windows of one or two rows. One loop runs over the vectors of all windows in the order of
 * memory. The result of a column of a window is kept in scratch memory, for each vector of channels, for the next
 * windows that it is part of. So windows of three rows load every vector once. Maxima of fewer rows load a row several
 * times and need no loop of their own. The last vector of a window overlaps the one before it: the elements of both are
 * computed twice. Offsets and distances are bytes.
 *
 * <p>Maxima compare the ranks of numbers ({@link FloatOrder}), which handles NaN and signed zeros. With data in the
 * caches, averages are limited by loads, additions and stores, and maxima by the integer operations of the ranks.
 *
 * @param columnStep from a column of a window to the next
 * @param rowStep from a row of a window to the next
 * @param pixelBytes from the result of a window to the next: its channels, at least one vector
 */
record Pool3x3Nhwc(long columnStep, long rowStep, long pixelBytes) {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final long VECTOR = (long) SimdSpecies.LANES * Float.BYTES;

    private int vectors() {
        return (int) Math.ceilDiv(pixelBytes, VECTOR);
    }

    /**
     * The bytes of scratch memory, which hold the results of two columns. Every call writes them before it reads them.
     */
    long scratchBytes() {
        return 2 * VECTOR * vectors();
    }

    /** Averages of windows of three rows with stride 1. */
    void averageStride1(
            MemorySegment x, long at, int windows, float taps, MemorySegment y, long to, MemorySegment scratch) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        scratch = NATIVE.cast(scratch);
        long lastVector = pixelBytes - VECTOR;
        long secondColumn = vectors() * VECTOR;
        for (long channel = 0; channel < pixelBytes; channel += VECTOR) {
            long xOffset = at + Math.min(channel, lastVector);
            FloatVector a = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xOffset, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, xOffset + rowStep, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, xOffset + 2 * rowStep, ORDER));
            FloatVector b = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xOffset + columnStep, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, xOffset + columnStep + rowStep, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, xOffset + columnStep + 2 * rowStep, ORDER));
            a.add(b).intoMemorySegment(scratch, channel, ORDER);
            b.intoMemorySegment(scratch, secondColumn + channel, ORDER);
        }
        long window = at + 2 * columnStep;
        long result = to;
        long channel = 0;
        for (int remaining = vectors() * windows; remaining > 0; remaining--) {
            long shift = Math.min(channel, lastVector);
            long xOffset = window + shift;
            FloatVector c = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xOffset, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, xOffset + rowStep, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, xOffset + 2 * rowStep, ORDER));
            FloatVector b = FLOATS.cast(FloatVector.fromMemorySegment(F32, scratch, secondColumn + channel, ORDER));
            FLOATS.cast(FloatVector.fromMemorySegment(F32, scratch, channel, ORDER))
                    .add(c)
                    .div(taps)
                    .intoMemorySegment(y, result + shift, ORDER);
            b.add(c).intoMemorySegment(scratch, channel, ORDER);
            c.intoMemorySegment(scratch, secondColumn + channel, ORDER);
            channel += VECTOR;
            if (channel >= pixelBytes) {
                channel = 0;
                window += columnStep;
                result += pixelBytes;
            }
        }
    }

    /** Averages of windows of three rows with stride 2. */
    void averageStride2(
            MemorySegment x, long at, int windows, float taps, MemorySegment y, long to, MemorySegment scratch) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        scratch = NATIVE.cast(scratch);
        long lastVector = pixelBytes - VECTOR;
        for (long channel = 0; channel < pixelBytes; channel += VECTOR) {
            long xOffset = at + Math.min(channel, lastVector);
            FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xOffset, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, xOffset + rowStep, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, xOffset + 2 * rowStep, ORDER))
                    .intoMemorySegment(scratch, channel, ORDER);
        }
        long window = at + columnStep;
        long result = to;
        long channel = 0;
        for (int remaining = vectors() * windows; remaining > 0; remaining--) {
            long shift = Math.min(channel, lastVector);
            long xOffset = window + shift;
            FloatVector b = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xOffset, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, xOffset + rowStep, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, xOffset + 2 * rowStep, ORDER));
            FloatVector c = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, xOffset + columnStep, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, xOffset + columnStep + rowStep, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, xOffset + columnStep + 2 * rowStep, ORDER));
            FLOATS.cast(FloatVector.fromMemorySegment(F32, scratch, channel, ORDER))
                    .add(b)
                    .add(c)
                    .div(taps)
                    .intoMemorySegment(y, result + shift, ORDER);
            c.intoMemorySegment(scratch, channel, ORDER);
            channel += VECTOR;
            if (channel >= pixelBytes) {
                channel = 0;
                window += 2 * columnStep;
                result += pixelBytes;
            }
        }
    }

    /**
     * Maxima of windows of one to three rows with stride 1.
     *
     * @param secondRow from the first row of a window to the second one, 0 if there is none
     * @param thirdRow from the first row of a window to the last one
     */
    void maxStride1(
            MemorySegment[] operands,
            long at,
            long secondRow,
            long thirdRow,
            int windows,
            long to,
            MemorySegment scratch) {
        MemorySegment x = NATIVE.cast(operands[0]);
        MemorySegment y = NATIVE.cast(operands[1]);
        scratch = NATIVE.cast(scratch);
        long lastVector = pixelBytes - VECTOR;
        long secondColumn = vectors() * VECTOR;
        for (long channel = 0; channel < pixelBytes; channel += VECTOR) {
            long xOffset = at + Math.min(channel, lastVector);
            IntVector p = INTS.cast(IntVector.fromMemorySegment(I32, x, xOffset, ORDER));
            IntVector u = INTS.cast(IntVector.fromMemorySegment(I32, x, xOffset + columnStep, ORDER));
            IntVector q = INTS.cast(IntVector.fromMemorySegment(I32, x, xOffset + secondRow, ORDER));
            IntVector v = INTS.cast(IntVector.fromMemorySegment(I32, x, xOffset + columnStep + secondRow, ORDER));
            IntVector r = INTS.cast(IntVector.fromMemorySegment(I32, x, xOffset + thirdRow, ORDER));
            IntVector w = INTS.cast(IntVector.fromMemorySegment(I32, x, xOffset + columnStep + thirdRow, ORDER));
            p = p.lanewise(XOR, p.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .sub(OFFSET);
            u = u.lanewise(XOR, u.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .sub(OFFSET);
            q = q.lanewise(XOR, q.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .sub(OFFSET);
            v = v.lanewise(XOR, v.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .sub(OFFSET);
            r = r.lanewise(XOR, r.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .sub(OFFSET);
            w = w.lanewise(XOR, w.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .sub(OFFSET);
            IntVector b = u.max(v).max(w);
            p.max(q).max(r).max(b).intoMemorySegment(scratch, channel, ORDER);
            b.intoMemorySegment(scratch, secondColumn + channel, ORDER);
        }
        long window = at + 2 * columnStep;
        long result = to;
        long channel = 0;
        for (int remaining = vectors() * windows; remaining > 0; remaining--) {
            long shift = Math.min(channel, lastVector);
            long xOffset = window + shift;
            IntVector u = INTS.cast(IntVector.fromMemorySegment(I32, x, xOffset, ORDER));
            IntVector v = INTS.cast(IntVector.fromMemorySegment(I32, x, xOffset + secondRow, ORDER));
            IntVector w = INTS.cast(IntVector.fromMemorySegment(I32, x, xOffset + thirdRow, ORDER));
            u = u.lanewise(XOR, u.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .sub(OFFSET);
            v = v.lanewise(XOR, v.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .sub(OFFSET);
            w = w.lanewise(XOR, w.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .sub(OFFSET);
            IntVector c = u.max(v).max(w);
            IntVector b = INTS.cast(IntVector.fromMemorySegment(I32, scratch, secondColumn + channel, ORDER));
            IntVector max = INTS.cast(IntVector.fromMemorySegment(I32, scratch, channel, ORDER))
                    .max(c)
                    .add(OFFSET);
            max.lanewise(XOR, max.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .intoMemorySegment(y, result + shift, ORDER);
            b.max(c).intoMemorySegment(scratch, channel, ORDER);
            c.intoMemorySegment(scratch, secondColumn + channel, ORDER);
            channel += VECTOR;
            if (channel >= pixelBytes) {
                channel = 0;
                window += columnStep;
                result += pixelBytes;
            }
        }
    }

    /** Maxima of windows of one to three rows with stride 2. */
    void maxStride2(
            MemorySegment[] operands,
            long at,
            long secondRow,
            long thirdRow,
            int windows,
            long to,
            MemorySegment scratch) {
        MemorySegment x = NATIVE.cast(operands[0]);
        MemorySegment y = NATIVE.cast(operands[1]);
        scratch = NATIVE.cast(scratch);
        long lastVector = pixelBytes - VECTOR;
        for (long channel = 0; channel < pixelBytes; channel += VECTOR) {
            long xOffset = at + Math.min(channel, lastVector);
            IntVector u = INTS.cast(IntVector.fromMemorySegment(I32, x, xOffset, ORDER));
            IntVector v = INTS.cast(IntVector.fromMemorySegment(I32, x, xOffset + secondRow, ORDER));
            IntVector w = INTS.cast(IntVector.fromMemorySegment(I32, x, xOffset + thirdRow, ORDER));
            u = u.lanewise(XOR, u.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .sub(OFFSET);
            v = v.lanewise(XOR, v.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .sub(OFFSET);
            w = w.lanewise(XOR, w.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .sub(OFFSET);
            u.max(v).max(w).intoMemorySegment(scratch, channel, ORDER);
        }
        long window = at + columnStep;
        long result = to;
        long channel = 0;
        for (int remaining = vectors() * windows; remaining > 0; remaining--) {
            long shift = Math.min(channel, lastVector);
            long xOffset = window + shift;
            IntVector p = INTS.cast(IntVector.fromMemorySegment(I32, x, xOffset, ORDER));
            IntVector u = INTS.cast(IntVector.fromMemorySegment(I32, x, xOffset + columnStep, ORDER));
            IntVector q = INTS.cast(IntVector.fromMemorySegment(I32, x, xOffset + secondRow, ORDER));
            IntVector v = INTS.cast(IntVector.fromMemorySegment(I32, x, xOffset + columnStep + secondRow, ORDER));
            IntVector r = INTS.cast(IntVector.fromMemorySegment(I32, x, xOffset + thirdRow, ORDER));
            IntVector w = INTS.cast(IntVector.fromMemorySegment(I32, x, xOffset + columnStep + thirdRow, ORDER));
            p = p.lanewise(XOR, p.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .sub(OFFSET);
            u = u.lanewise(XOR, u.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .sub(OFFSET);
            q = q.lanewise(XOR, q.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .sub(OFFSET);
            v = v.lanewise(XOR, v.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .sub(OFFSET);
            r = r.lanewise(XOR, r.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .sub(OFFSET);
            w = w.lanewise(XOR, w.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .sub(OFFSET);
            IntVector c = u.max(v).max(w);
            IntVector max = INTS.cast(IntVector.fromMemorySegment(I32, scratch, channel, ORDER))
                    .max(p.max(q).max(r))
                    .max(c)
                    .add(OFFSET);
            max.lanewise(XOR, max.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .intoMemorySegment(y, result + shift, ORDER);
            c.intoMemorySegment(scratch, channel, ORDER);
            channel += VECTOR;
            if (channel >= pixelBytes) {
                channel = 0;
                window += 2 * columnStep;
                result += pixelBytes;
            }
        }
    }
}
