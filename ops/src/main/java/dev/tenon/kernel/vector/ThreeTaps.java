package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.Ranks.LEAST;
import static dev.tenon.kernel.vector.Ranks.SHIFT;
import static dev.tenon.kernel.vector.Ranks.SIGN;
import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.VectorShape.Floats.F32;
import static dev.tenon.kernel.vector.VectorShape.Floats.FLOATS;
import static dev.tenon.kernel.vector.VectorShape.Integers.I32;
import static dev.tenon.kernel.vector.VectorShape.Integers.INTS;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Neighbouring windows of a line of windows, of planes whose channels lie last: for one vector of channels after the other,
 * all windows of the line, first down and then across. What has been made of a column of taps stays in a register for the
 * other windows that it is part of, so that windows of three rows load every vector once. Maxima of one or two rows load a
 * row several times, so that they need no loops of their own. Windows have three columns, and all of their taps lie on the plane. Offsets and distances are bytes.
 *
 * <p>The limit of averages is the additions and the division, that of maxima the operations on integers by which NaN and
 * signed zeros come right: numbers are compared by their {@link Ranks}.
 *
 * @param tap from a column of taps to the next
 * @param line from a row of taps to the next
 * @param pixel from a window's result to the next one's
 */
record ThreeTaps(long tap, long line, long pixel) {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** Averages of three rows and three columns of taps, of windows whose columns are one apart. */
    void averagesByOne(MemorySegment x, long at, int windows, float taps, MemorySegment y, long to) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        FloatVector a = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, at, ORDER))
                .add(FloatVector.fromMemorySegment(F32, x, at + line, ORDER))
                .add(FloatVector.fromMemorySegment(F32, x, at + 2 * line, ORDER));
        FloatVector b = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, at + tap, ORDER))
                .add(FloatVector.fromMemorySegment(F32, x, at + tap + line, ORDER))
                .add(FloatVector.fromMemorySegment(F32, x, at + tap + 2 * line, ORDER));
        for (int i = 0; i < windows; i++) {
            long place = at + (i + 2) * tap;
            FloatVector c = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, place + line, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, place + 2 * line, ORDER));
            FLOATS.cast(a).add(b).add(c).div(taps).intoMemorySegment(y, to + i * pixel, ORDER);
            a = b;
            b = c;
        }
    }

    /** The same of windows whose columns are two apart. */
    void averagesByTwo(MemorySegment x, long at, int windows, float taps, MemorySegment y, long to) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        FloatVector a = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, at, ORDER))
                .add(FloatVector.fromMemorySegment(F32, x, at + line, ORDER))
                .add(FloatVector.fromMemorySegment(F32, x, at + 2 * line, ORDER));
        for (int i = 0; i < windows; i++) {
            long place = at + (2 * i + 1) * tap;
            FloatVector b = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, place + line, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, place + 2 * line, ORDER));
            FloatVector c = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place + tap, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, place + tap + line, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, x, place + tap + 2 * line, ORDER));
            FLOATS.cast(a).add(b).add(c).div(taps).intoMemorySegment(y, to + i * pixel, ORDER);
            a = c;
        }
    }

    /**
     * Maxima of three columns of taps, of windows whose columns are one apart.
     *
     * @param next from the first row of taps to another one
     * @param last from the first row of taps to the last one; of fewer than three rows some are the same
     */
    void maximaByOne(MemorySegment x, long at, long next, long last, int windows, MemorySegment y, long to) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        // Only to be told apart: no window has them.
        IntVector a = IntVector.broadcast(I32, LEAST);
        IntVector b = IntVector.broadcast(I32, LEAST + 1);
        for (int i = -2; i < windows; i++) {
            long place = at + (i + 2) * tap;
            IntVector u = INTS.cast(IntVector.fromMemorySegment(I32, x, place, ORDER));
            IntVector v = INTS.cast(IntVector.fromMemorySegment(I32, x, place + next, ORDER));
            IntVector w = INTS.cast(IntVector.fromMemorySegment(I32, x, place + last, ORDER));
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
            if (i >= 0) {
                IntVector most = c.max(b).max(a).add(SHIFT);
                most.lanewise(
                                VectorOperators.XOR,
                                most.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                        .intoMemorySegment(y, to + i * pixel, ORDER);
            }
            a = b;
            b = c;
        }
    }

    /** The same of windows whose columns are two apart. */
    void maximaByTwo(MemorySegment x, long at, long next, long last, int windows, MemorySegment y, long to) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        IntVector a = INTS.cast(IntVector.fromMemorySegment(I32, x, at, ORDER));
        IntVector d = INTS.cast(IntVector.fromMemorySegment(I32, x, at + next, ORDER));
        IntVector e = INTS.cast(IntVector.fromMemorySegment(I32, x, at + last, ORDER));
        a = a.lanewise(
                        VectorOperators.XOR,
                        a.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                .sub(SHIFT);
        d = d.lanewise(
                        VectorOperators.XOR,
                        d.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                .sub(SHIFT);
        e = e.lanewise(
                        VectorOperators.XOR,
                        e.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                .sub(SHIFT);
        a = a.max(d).max(e);
        for (int i = 0; i < windows; i++) {
            long middle = at + (2 * i + 1) * tap;
            IntVector p = INTS.cast(IntVector.fromMemorySegment(I32, x, middle, ORDER));
            IntVector q = INTS.cast(IntVector.fromMemorySegment(I32, x, middle + next, ORDER));
            IntVector r = INTS.cast(IntVector.fromMemorySegment(I32, x, middle + last, ORDER));
            IntVector u = INTS.cast(IntVector.fromMemorySegment(I32, x, middle + tap, ORDER));
            IntVector v = INTS.cast(IntVector.fromMemorySegment(I32, x, middle + tap + next, ORDER));
            IntVector w = INTS.cast(IntVector.fromMemorySegment(I32, x, middle + tap + last, ORDER));
            p = p.lanewise(
                            VectorOperators.XOR,
                            p.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .sub(SHIFT);
            q = q.lanewise(
                            VectorOperators.XOR,
                            q.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .sub(SHIFT);
            r = r.lanewise(
                            VectorOperators.XOR,
                            r.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .sub(SHIFT);
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
            IntVector most = c.max(a).max(p.max(q).max(r)).add(SHIFT);
            most.lanewise(
                            VectorOperators.XOR,
                            most.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .intoMemorySegment(y, to + i * pixel, ORDER);
            a = c;
        }
    }
}
