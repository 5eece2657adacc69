package dev.tenon.kernel.vector.pool;

import static dev.tenon.kernel.vector.FloatOrder.LEAST;
import static dev.tenon.kernel.vector.FloatOrder.SHIFT;
import static dev.tenon.kernel.vector.FloatOrder.SIGN;
import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.I32;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.INTS;

import dev.tenon.kernel.vector.FloatOrder;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/**
 * Maxima. In scratch memory numbers are {@link FloatOrder}.
 */
final class MaximumLoops implements PoolLoops {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Integer.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfInt BITS = ValueLayout.JAVA_INT;
    private static final int THREE = 3;
    private static final int AT_SHIFT = LANES;
    private static final int AT_EVEN = 2 * LANES;
    private static final int AT_ODD = 3 * LANES;

    /**
     * What loops hold in registers: all bits but the sign, {@link FloatOrder#SHIFT}, and the even and the odd lanes of two vectors.
     * The compiler loads a vector of a constant again for each row, and keeps one that comes from an array.
     */
    private static final int[] HELD = held();

    /** Takes every second lane, of a first vector to the lower half of the result, of a second one to the upper. */
    private static final class Seconds {
        private static final VectorShuffle<Integer> EVEN = VectorShuffle.fromOp(I32, i -> 2 * i % LANES);
        private static final VectorMask<Integer> UPPER =
                VectorMask.fromLong(I32, ((1L << (LANES / 2)) - 1) << (LANES / 2));

        private Seconds() {}
    }

    private static int[] held() {
        int[] held = new int[4 * LANES];
        for (int i = 0; i < LANES; i++) {
            held[i] = Integer.MAX_VALUE;
            held[AT_SHIFT + i] = SHIFT;
            held[AT_EVEN + i] = 2 * i;
            held[AT_ODD + i] = 2 * i + 1;
        }
        return held;
    }

    @Override
    public int padding() {
        return LEAST;
    }

    @Override
    public void down(
            MemorySegment x,
            long from,
            int taps,
            long step,
            long next,
            long last,
            int rows,
            MemorySegment s,
            long to,
            long pitch) {
        if (taps == THREE) {
            threeRows(x, from, step, next, last, rows, s, to, pitch);
        } else if (taps == 2) {
            twoRows(x, from, step, next, last, rows, s, to, pitch);
        } else {
            for (int i = 0; i < rows; i++) {
                anyRows(x, from + i * next, taps, step, last, s, to + i * pitch);
            }
        }
    }

    private static void anyRows(MemorySegment x, long from, int taps, long step, long last, MemorySegment s, long to) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(s);
        for (long j = 0; j <= last; j += VECTOR) {
            IntVector most = IntVector.broadcast(I32, LEAST);
            for (int t = 0; t < taps; t++) {
                IntVector v = INTS.cast(IntVector.fromMemorySegment(I32, source, from + j + t * step, ORDER));
                v = v.lanewise(
                                VectorOperators.XOR,
                                v.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                        .sub(SHIFT);
                most = v.max(most);
            }
            INTS.cast(most).intoMemorySegment(target, to + j, ORDER);
        }
    }

    private static void twoRows(
            MemorySegment x,
            long from,
            long step,
            long next,
            long last,
            int rows,
            MemorySegment s,
            long to,
            long pitch) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(s);
        IntVector magnitude = IntVector.fromArray(I32, HELD, 0);
        IntVector shift = IntVector.fromArray(I32, HELD, AT_SHIFT);
        int vectors = (int) (last / VECTOR) + 1;
        long atSkip = next - vectors * VECTOR;
        long placeSkip = pitch - vectors * VECTOR;
        int left = vectors;
        long at = from;
        long place = to;
        for (int i = vectors * rows; i > 0; i--) {
            IntVector a = INTS.cast(IntVector.fromMemorySegment(I32, source, at, ORDER));
            IntVector b = INTS.cast(IntVector.fromMemorySegment(I32, source, at + step, ORDER));
            a = a.lanewise(
                            VectorOperators.XOR,
                            a.lanewise(VectorOperators.ASHR, SIGN).and(magnitude))
                    .sub(shift);
            b = b.lanewise(
                            VectorOperators.XOR,
                            b.lanewise(VectorOperators.ASHR, SIGN).and(magnitude))
                    .sub(shift);
            a.max(b).intoMemorySegment(target, place, ORDER);
            at += VECTOR;
            place += VECTOR;
            if (--left == 0) {
                left = vectors;
                at += atSkip;
                place += placeSkip;
            }
        }
    }

    private static void threeRows(
            MemorySegment x,
            long from,
            long step,
            long next,
            long last,
            int rows,
            MemorySegment s,
            long to,
            long pitch) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(s);
        IntVector magnitude = IntVector.fromArray(I32, HELD, 0);
        IntVector shift = IntVector.fromArray(I32, HELD, AT_SHIFT);
        int vectors = (int) (last / VECTOR) + 1;
        long atSkip = next - vectors * VECTOR;
        long placeSkip = pitch - vectors * VECTOR;
        int left = vectors;
        long at = from;
        long place = to;
        for (int i = vectors * rows; i > 0; i--) {
            IntVector a = INTS.cast(IntVector.fromMemorySegment(I32, source, at, ORDER));
            IntVector b = INTS.cast(IntVector.fromMemorySegment(I32, source, at + step, ORDER));
            IntVector c = INTS.cast(IntVector.fromMemorySegment(I32, source, at + 2 * step, ORDER));
            a = a.lanewise(
                            VectorOperators.XOR,
                            a.lanewise(VectorOperators.ASHR, SIGN).and(magnitude))
                    .sub(shift);
            b = b.lanewise(
                            VectorOperators.XOR,
                            b.lanewise(VectorOperators.ASHR, SIGN).and(magnitude))
                    .sub(shift);
            c = c.lanewise(
                            VectorOperators.XOR,
                            c.lanewise(VectorOperators.ASHR, SIGN).and(magnitude))
                    .sub(shift);
            c.max(b).max(a).intoMemorySegment(target, place, ORDER);
            at += VECTOR;
            place += VECTOR;
            if (--left == 0) {
                left = vectors;
                at += atSkip;
                place += placeSkip;
            }
        }
    }

    @Override
    public void across(MemorySegment s, long from, Row row, int first, int rows, MemorySegment y, long to) {
        long last = row.last();
        long apart = (long) row.width() * Integer.BYTES;
        long step = (long) row.step() * Integer.BYTES;
        if (row.stride() == 1 && row.taps() == THREE) {
            threeColumns(s, from, step, row.pitch(), last, rows, y, to, apart);
        } else if (row.stride() == 1) {
            everyColumn(s, from, row.taps(), step, row.pitch(), last, rows, y, to, apart);
        } else if (row.stride() == 2 && row.taps() == THREE && row.step() == 1) {
            threeOfEverySecond(s, from, row.pitch(), last, rows, y, to, apart);
        } else if (row.stride() == 2 && row.taps() == 2 && row.step() == 1) {
            twoOfEverySecond(s, from, row.pitch(), last, rows, y, to, apart);
        } else if (row.stride() == 2) {
            everySecond(s, from, row.taps(), step, row.pitch(), last, rows, y, to, apart);
        } else {
            for (int i = 0; i < rows; i++) {
                strided(s, from + i * row.pitch(), row, y, to + i * apart);
            }
        }
    }

    private static void everyColumn(
            MemorySegment s,
            long from,
            int taps,
            long step,
            long pitch,
            long last,
            int rows,
            MemorySegment y,
            long to,
            long apart) {
        MemorySegment source = NATIVE.cast(s);
        MemorySegment target = NATIVE.cast(y);
        int vectors = (int) (last / VECTOR) + 1;
        long atSkip = pitch - vectors * VECTOR;
        long placeSkip = apart - vectors * VECTOR;
        int left = vectors;
        long at = from;
        long place = to;
        for (int i = vectors * rows; i > 0; i--) {
            IntVector a = INTS.cast(IntVector.fromMemorySegment(I32, source, at, ORDER));
            for (int t = 1; t < taps; t++) {
                a = INTS.cast(IntVector.fromMemorySegment(I32, source, at + t * step, ORDER))
                        .max(a);
            }
            a = INTS.cast(a).add(SHIFT);
            a.lanewise(
                            VectorOperators.XOR,
                            a.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .intoMemorySegment(target, place, ORDER);
            at += VECTOR;
            place += VECTOR;
            if (--left == 0) {
                left = vectors;
                at += atSkip;
                place += placeSkip;
            }
        }
    }

    private static void threeColumns(
            MemorySegment s,
            long from,
            long step,
            long pitch,
            long last,
            int rows,
            MemorySegment y,
            long to,
            long apart) {
        MemorySegment source = NATIVE.cast(s);
        MemorySegment target = NATIVE.cast(y);
        int vectors = (int) (last / VECTOR) + 1;
        long atSkip = pitch - vectors * VECTOR;
        long placeSkip = apart - vectors * VECTOR;
        int left = vectors;
        long at = from;
        long place = to;
        for (int i = vectors * rows; i > 0; i--) {
            IntVector a = INTS.cast(IntVector.fromMemorySegment(I32, source, at, ORDER))
                    .max(IntVector.fromMemorySegment(I32, source, at + step, ORDER))
                    .max(IntVector.fromMemorySegment(I32, source, at + 2 * step, ORDER))
                    .add(SHIFT);
            a.lanewise(
                            VectorOperators.XOR,
                            a.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .intoMemorySegment(target, place, ORDER);
            at += VECTOR;
            place += VECTOR;
            if (--left == 0) {
                left = vectors;
                at += atSkip;
                place += placeSkip;
            }
        }
    }

    /** Maxima of all windows one apart, of which every second one is taken. */
    private static void everySecond(
            MemorySegment s,
            long from,
            int taps,
            long step,
            long pitch,
            long last,
            int rows,
            MemorySegment y,
            long to,
            long apart) {
        MemorySegment source = NATIVE.cast(s);
        MemorySegment target = NATIVE.cast(y);
        int vectors = (int) (last / VECTOR) + 1;
        long atSkip = pitch - vectors * 2L * VECTOR;
        long placeSkip = apart - vectors * VECTOR;
        int left = vectors;
        long at = from;
        long place = to;
        for (int i = vectors * rows; i > 0; i--) {
            IntVector a = INTS.cast(IntVector.fromMemorySegment(I32, source, at, ORDER));
            IntVector b = IntVector.fromMemorySegment(I32, source, at + VECTOR, ORDER);
            for (int t = 1; t < taps; t++) {
                a = INTS.cast(IntVector.fromMemorySegment(I32, source, at + t * step, ORDER))
                        .max(a);
                b = INTS.cast(IntVector.fromMemorySegment(I32, source, at + VECTOR + t * step, ORDER))
                        .max(b);
            }
            a = INTS.cast(a)
                    .rearrange(Seconds.EVEN)
                    .blend(INTS.cast(b).rearrange(Seconds.EVEN), Seconds.UPPER)
                    .add(SHIFT);
            a.lanewise(
                            VectorOperators.XOR,
                            a.lanewise(VectorOperators.ASHR, SIGN).and(Integer.MAX_VALUE))
                    .intoMemorySegment(target, place, ORDER);
            at += 2 * VECTOR;
            place += VECTOR;
            if (--left == 0) {
                left = vectors;
                at += atSkip;
                place += placeSkip;
            }
        }
    }

    /** The elements of even and of odd places of neighbours: their maxima are those of every second window. */
    private static void twoOfEverySecond(
            MemorySegment s, long from, long pitch, long last, int rows, MemorySegment y, long to, long apart) {
        MemorySegment source = NATIVE.cast(s);
        MemorySegment target = NATIVE.cast(y);
        IntVector magnitude = IntVector.fromArray(I32, HELD, 0);
        IntVector shift = IntVector.fromArray(I32, HELD, AT_SHIFT);
        IntVector even = INTS.cast(IntVector.fromArray(I32, HELD, AT_EVEN));
        IntVector odd = INTS.cast(IntVector.fromArray(I32, HELD, AT_ODD));
        int vectors = (int) (last / VECTOR) + 1;
        long atSkip = pitch - vectors * 2L * VECTOR;
        long placeSkip = apart - vectors * VECTOR;
        int left = vectors;
        long at = from;
        long place = to;
        for (int i = vectors * rows; i > 0; i--) {
            IntVector a = INTS.cast(IntVector.fromMemorySegment(I32, source, at, ORDER));
            IntVector b = IntVector.fromMemorySegment(I32, source, at + VECTOR, ORDER);
            a = even.selectFrom(a, b).max(odd.selectFrom(a, b)).add(shift);
            a.lanewise(
                            VectorOperators.XOR,
                            a.lanewise(VectorOperators.ASHR, SIGN).and(magnitude))
                    .intoMemorySegment(target, place, ORDER);
            at += 2 * VECTOR;
            place += VECTOR;
            if (--left == 0) {
                left = vectors;
                at += atSkip;
                place += placeSkip;
            }
        }
    }

    /** The same, and the elements behind both: the even ones of vectors two places on. */
    private static void threeOfEverySecond(
            MemorySegment s, long from, long pitch, long last, int rows, MemorySegment y, long to, long apart) {
        MemorySegment source = NATIVE.cast(s);
        MemorySegment target = NATIVE.cast(y);
        IntVector magnitude = IntVector.fromArray(I32, HELD, 0);
        IntVector shift = IntVector.fromArray(I32, HELD, AT_SHIFT);
        IntVector even = INTS.cast(IntVector.fromArray(I32, HELD, AT_EVEN));
        IntVector odd = INTS.cast(IntVector.fromArray(I32, HELD, AT_ODD));
        int vectors = (int) (last / VECTOR) + 1;
        long atSkip = pitch - vectors * 2L * VECTOR;
        long placeSkip = apart - vectors * VECTOR;
        int left = vectors;
        long at = from;
        long place = to;
        for (int i = vectors * rows; i > 0; i--) {
            IntVector a = INTS.cast(IntVector.fromMemorySegment(I32, source, at, ORDER));
            IntVector b = IntVector.fromMemorySegment(I32, source, at + VECTOR, ORDER);
            IntVector c = IntVector.fromMemorySegment(I32, source, at + 2L * Integer.BYTES, ORDER);
            IntVector d = IntVector.fromMemorySegment(I32, source, at + VECTOR + 2L * Integer.BYTES, ORDER);
            c = even.selectFrom(c, d);
            a = even.selectFrom(a, b).max(odd.selectFrom(a, b)).max(c).add(shift);
            a.lanewise(
                            VectorOperators.XOR,
                            a.lanewise(VectorOperators.ASHR, SIGN).and(magnitude))
                    .intoMemorySegment(target, place, ORDER);
            at += 2 * VECTOR;
            place += VECTOR;
            if (--left == 0) {
                left = vectors;
                at += atSkip;
                place += placeSkip;
            }
        }
    }

    private static void strided(MemorySegment s, long from, Row row, MemorySegment y, long to) {
        for (int j = 0; j < row.width(); j++) {
            long at = from + (long) j * row.stride() * Integer.BYTES;
            int most = LEAST;
            for (int t = 0; t < row.taps(); t++) {
                most = Math.max(most, s.get(BITS, at + (long) t * row.step() * Integer.BYTES));
            }
            most += SHIFT;
            y.set(BITS, to + (long) j * Integer.BYTES, most ^ (most >> SIGN & Integer.MAX_VALUE));
        }
    }
}
