package dev.tenon.kernel.vector.pool;

import static dev.tenon.kernel.vector.FloatOrder.NEGATIVE_INFINITY;
import static dev.tenon.kernel.vector.FloatOrder.OFFSET;
import static dev.tenon.kernel.vector.FloatOrder.SIGN_SHIFT;
import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.I32;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.INTS;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.tenon.kernel.vector.FloatOrder;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/** Maxima. Scratch memory holds the ranks of numbers, see {@link FloatOrder}. */
final class MaxPoolLoops implements PoolLoops {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Integer.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfInt BITS = ValueLayout.JAVA_INT;
    private static final int KERNEL_3 = 3;
    private static final int SHIFT_AT = LANES;
    private static final int EVEN_AT = 2 * LANES;
    private static final int ODD_AT = 3 * LANES;

    /**
     * Constants that loops keep in registers: all bits but the sign, {@link FloatOrder#OFFSET}, the even lanes and the
     * odd lanes of two vectors. They come from an array, because C2 would load the vector of a constant again in each
     * iteration.
     */
    private static final int[] CONSTANTS = constants();

    /**
     * Selects the even lanes of two vectors: those of the first vector for the lower half, those of the second for the
     * upper half.
     */
    private static final class EvenLanes {
        private static final VectorShuffle<Integer> EVEN = VectorShuffle.fromOp(I32, i -> 2 * i % LANES);
        private static final VectorMask<Integer> UPPER =
                VectorMask.fromLong(I32, ((1L << (LANES / 2)) - 1) << (LANES / 2));

        private EvenLanes() {}
    }

    private static int[] constants() {
        int[] held = new int[4 * LANES];
        for (int i = 0; i < LANES; i++) {
            held[i] = Integer.MAX_VALUE;
            held[SHIFT_AT + i] = OFFSET;
            held[EVEN_AT + i] = 2 * i;
            held[ODD_AT + i] = 2 * i + 1;
        }
        return held;
    }

    @Override
    public int padding() {
        return NEGATIVE_INFINITY;
    }

    @Override
    public void vertical(MemorySegment x, long from, int taps, Vertical geometry, int rows, MemorySegment s, long to) {
        long step = geometry.tapStep();
        long next = geometry.rowStep();
        long lastVector = geometry.lastVector();
        long pitch = geometry.pitch();
        if (taps == KERNEL_3) {
            maxThreeRows(x, from, step, next, lastVector, rows, s, to, pitch);
        } else if (taps == 2) {
            maxTwoRows(x, from, step, next, lastVector, rows, s, to, pitch);
        } else {
            for (int i = 0; i < rows; i++) {
                maxRows(x, from + i * next, taps, step, lastVector, s, to + i * pitch);
            }
        }
    }

    private static void maxRows(
            MemorySegment x, long from, int taps, long step, long lastVector, MemorySegment s, long to) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(s);
        for (long j = 0; j <= lastVector; j += VECTOR) {
            IntVector max = IntVector.broadcast(I32, NEGATIVE_INFINITY);
            for (int t = 0; t < taps; t++) {
                IntVector v = INTS.cast(IntVector.fromMemorySegment(I32, source, from + j + t * step, ORDER));
                v = v.lanewise(XOR, v.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                        .sub(OFFSET);
                max = v.max(max);
            }
            INTS.cast(max).intoMemorySegment(target, to + j, ORDER);
        }
    }

    private static void maxTwoRows(
            MemorySegment x,
            long from,
            long step,
            long next,
            long lastVector,
            int rows,
            MemorySegment s,
            long to,
            long pitch) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(s);
        IntVector magnitude = IntVector.fromArray(I32, CONSTANTS, 0);
        IntVector shift = IntVector.fromArray(I32, CONSTANTS, SHIFT_AT);
        int vectors = (int) (lastVector / VECTOR) + 1;
        long xRowSkip = next - vectors * VECTOR;
        long targetRowSkip = pitch - vectors * VECTOR;
        int remaining = vectors;
        long at = from;
        long targetOffset = to;
        for (int i = vectors * rows; i > 0; i--) {
            IntVector a = INTS.cast(IntVector.fromMemorySegment(I32, source, at, ORDER));
            IntVector b = INTS.cast(IntVector.fromMemorySegment(I32, source, at + step, ORDER));
            a = a.lanewise(XOR, a.lanewise(ASHR, SIGN_SHIFT).and(magnitude)).sub(shift);
            b = b.lanewise(XOR, b.lanewise(ASHR, SIGN_SHIFT).and(magnitude)).sub(shift);
            a.max(b).intoMemorySegment(target, targetOffset, ORDER);
            at += VECTOR;
            targetOffset += VECTOR;
            if (--remaining == 0) {
                remaining = vectors;
                at += xRowSkip;
                targetOffset += targetRowSkip;
            }
        }
    }

    private static void maxThreeRows(
            MemorySegment x,
            long from,
            long step,
            long next,
            long lastVector,
            int rows,
            MemorySegment s,
            long to,
            long pitch) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(s);
        IntVector magnitude = IntVector.fromArray(I32, CONSTANTS, 0);
        IntVector shift = IntVector.fromArray(I32, CONSTANTS, SHIFT_AT);
        int vectors = (int) (lastVector / VECTOR) + 1;
        long xRowSkip = next - vectors * VECTOR;
        long targetRowSkip = pitch - vectors * VECTOR;
        int remaining = vectors;
        long at = from;
        long targetOffset = to;
        for (int i = vectors * rows; i > 0; i--) {
            IntVector a = INTS.cast(IntVector.fromMemorySegment(I32, source, at, ORDER));
            IntVector b = INTS.cast(IntVector.fromMemorySegment(I32, source, at + step, ORDER));
            IntVector c = INTS.cast(IntVector.fromMemorySegment(I32, source, at + 2 * step, ORDER));
            a = a.lanewise(XOR, a.lanewise(ASHR, SIGN_SHIFT).and(magnitude)).sub(shift);
            b = b.lanewise(XOR, b.lanewise(ASHR, SIGN_SHIFT).and(magnitude)).sub(shift);
            c = c.lanewise(XOR, c.lanewise(ASHR, SIGN_SHIFT).and(magnitude)).sub(shift);
            c.max(b).max(a).intoMemorySegment(target, targetOffset, ORDER);
            at += VECTOR;
            targetOffset += VECTOR;
            if (--remaining == 0) {
                remaining = vectors;
                at += xRowSkip;
                targetOffset += targetRowSkip;
            }
        }
    }

    @Override
    public void horizontal(
            MemorySegment s, long from, Horizontal geometry, int first, int rows, MemorySegment y, long to) {
        long lastVector = geometry.lastVector();
        long yRowBytes = (long) geometry.width() * Integer.BYTES;
        long step = (long) geometry.step() * Integer.BYTES;
        if (geometry.stride() == 1 && geometry.taps() == KERNEL_3) {
            threeColumnsStride1(s, from, step, geometry.pitch(), lastVector, rows, y, to, yRowBytes);
        } else if (geometry.stride() == 1) {
            stride1(s, from, geometry.taps(), step, geometry.pitch(), lastVector, rows, y, to, yRowBytes);
        } else if (geometry.stride() == 2 && geometry.taps() == KERNEL_3 && geometry.step() == 1) {
            threeColumnsStride2(s, from, geometry.pitch(), lastVector, rows, y, to, yRowBytes);
        } else if (geometry.stride() == 2 && geometry.taps() == 2 && geometry.step() == 1) {
            twoColumnsStride2(s, from, geometry.pitch(), lastVector, rows, y, to, yRowBytes);
        } else if (geometry.stride() == 2) {
            stride2(s, from, geometry.taps(), step, geometry.pitch(), lastVector, rows, y, to, yRowBytes);
        } else {
            for (int i = 0; i < rows; i++) {
                anyStride(s, from + i * geometry.pitch(), geometry, y, to + i * yRowBytes);
            }
        }
    }

    private static void stride1(
            MemorySegment s,
            long from,
            int taps,
            long step,
            long pitch,
            long lastVector,
            int rows,
            MemorySegment y,
            long to,
            long yRowBytes) {
        MemorySegment source = NATIVE.cast(s);
        MemorySegment target = NATIVE.cast(y);
        int vectors = (int) (lastVector / VECTOR) + 1;
        long xRowSkip = pitch - vectors * VECTOR;
        long targetRowSkip = yRowBytes - vectors * VECTOR;
        int remaining = vectors;
        long at = from;
        long targetOffset = to;
        for (int i = vectors * rows; i > 0; i--) {
            IntVector a = INTS.cast(IntVector.fromMemorySegment(I32, source, at, ORDER));
            for (int t = 1; t < taps; t++) {
                a = INTS.cast(IntVector.fromMemorySegment(I32, source, at + t * step, ORDER))
                        .max(a);
            }
            a = INTS.cast(a).add(OFFSET);
            a.lanewise(XOR, a.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .intoMemorySegment(target, targetOffset, ORDER);
            at += VECTOR;
            targetOffset += VECTOR;
            if (--remaining == 0) {
                remaining = vectors;
                at += xRowSkip;
                targetOffset += targetRowSkip;
            }
        }
    }

    private static void threeColumnsStride1(
            MemorySegment s,
            long from,
            long step,
            long pitch,
            long lastVector,
            int rows,
            MemorySegment y,
            long to,
            long yRowBytes) {
        MemorySegment source = NATIVE.cast(s);
        MemorySegment target = NATIVE.cast(y);
        int vectors = (int) (lastVector / VECTOR) + 1;
        long xRowSkip = pitch - vectors * VECTOR;
        long targetRowSkip = yRowBytes - vectors * VECTOR;
        int remaining = vectors;
        long at = from;
        long targetOffset = to;
        for (int i = vectors * rows; i > 0; i--) {
            IntVector a = INTS.cast(IntVector.fromMemorySegment(I32, source, at, ORDER))
                    .max(IntVector.fromMemorySegment(I32, source, at + step, ORDER))
                    .max(IntVector.fromMemorySegment(I32, source, at + 2 * step, ORDER))
                    .add(OFFSET);
            a.lanewise(XOR, a.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .intoMemorySegment(target, targetOffset, ORDER);
            at += VECTOR;
            targetOffset += VECTOR;
            if (--remaining == 0) {
                remaining = vectors;
                at += xRowSkip;
                targetOffset += targetRowSkip;
            }
        }
    }

    /** Stride 2: maxima for stride 1, of which every second one is taken. */
    private static void stride2(
            MemorySegment s,
            long from,
            int taps,
            long step,
            long pitch,
            long lastVector,
            int rows,
            MemorySegment y,
            long to,
            long yRowBytes) {
        MemorySegment source = NATIVE.cast(s);
        MemorySegment target = NATIVE.cast(y);
        int vectors = (int) (lastVector / VECTOR) + 1;
        long xRowSkip = pitch - vectors * 2L * VECTOR;
        long targetRowSkip = yRowBytes - vectors * VECTOR;
        int remaining = vectors;
        long at = from;
        long targetOffset = to;
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
                    .rearrange(EvenLanes.EVEN)
                    .blend(INTS.cast(b).rearrange(EvenLanes.EVEN), EvenLanes.UPPER)
                    .add(OFFSET);
            a.lanewise(XOR, a.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .intoMemorySegment(target, targetOffset, ORDER);
            at += 2 * VECTOR;
            targetOffset += VECTOR;
            if (--remaining == 0) {
                remaining = vectors;
                at += xRowSkip;
                targetOffset += targetRowSkip;
            }
        }
    }

    /** Windows of two neighbours with stride 2: the maxima of even and odd elements. */
    private static void twoColumnsStride2(
            MemorySegment s,
            long from,
            long pitch,
            long lastVector,
            int rows,
            MemorySegment y,
            long to,
            long yRowBytes) {
        MemorySegment source = NATIVE.cast(s);
        MemorySegment target = NATIVE.cast(y);
        IntVector magnitude = IntVector.fromArray(I32, CONSTANTS, 0);
        IntVector shift = IntVector.fromArray(I32, CONSTANTS, SHIFT_AT);
        IntVector even = INTS.cast(IntVector.fromArray(I32, CONSTANTS, EVEN_AT));
        IntVector odd = INTS.cast(IntVector.fromArray(I32, CONSTANTS, ODD_AT));
        int vectors = (int) (lastVector / VECTOR) + 1;
        long xRowSkip = pitch - vectors * 2L * VECTOR;
        long targetRowSkip = yRowBytes - vectors * VECTOR;
        int remaining = vectors;
        long at = from;
        long targetOffset = to;
        for (int i = vectors * rows; i > 0; i--) {
            IntVector a = INTS.cast(IntVector.fromMemorySegment(I32, source, at, ORDER));
            IntVector b = IntVector.fromMemorySegment(I32, source, at + VECTOR, ORDER);
            a = even.selectFrom(a, b).max(odd.selectFrom(a, b)).add(shift);
            a.lanewise(XOR, a.lanewise(ASHR, SIGN_SHIFT).and(magnitude)).intoMemorySegment(target, targetOffset, ORDER);
            at += 2 * VECTOR;
            targetOffset += VECTOR;
            if (--remaining == 0) {
                remaining = vectors;
                at += xRowSkip;
                targetOffset += targetRowSkip;
            }
        }
    }

    /**
     * Windows of three neighbours with stride 2: the maxima of even and odd elements, and of the even elements two
     * positions further on.
     */
    private static void threeColumnsStride2(
            MemorySegment s,
            long from,
            long pitch,
            long lastVector,
            int rows,
            MemorySegment y,
            long to,
            long yRowBytes) {
        MemorySegment source = NATIVE.cast(s);
        MemorySegment target = NATIVE.cast(y);
        IntVector magnitude = IntVector.fromArray(I32, CONSTANTS, 0);
        IntVector shift = IntVector.fromArray(I32, CONSTANTS, SHIFT_AT);
        IntVector even = INTS.cast(IntVector.fromArray(I32, CONSTANTS, EVEN_AT));
        IntVector odd = INTS.cast(IntVector.fromArray(I32, CONSTANTS, ODD_AT));
        int vectors = (int) (lastVector / VECTOR) + 1;
        long xRowSkip = pitch - vectors * 2L * VECTOR;
        long targetRowSkip = yRowBytes - vectors * VECTOR;
        int remaining = vectors;
        long at = from;
        long targetOffset = to;
        for (int i = vectors * rows; i > 0; i--) {
            IntVector a = INTS.cast(IntVector.fromMemorySegment(I32, source, at, ORDER));
            IntVector b = IntVector.fromMemorySegment(I32, source, at + VECTOR, ORDER);
            IntVector c = IntVector.fromMemorySegment(I32, source, at + 2L * Integer.BYTES, ORDER);
            IntVector d = IntVector.fromMemorySegment(I32, source, at + VECTOR + 2L * Integer.BYTES, ORDER);
            c = even.selectFrom(c, d);
            a = even.selectFrom(a, b).max(odd.selectFrom(a, b)).max(c).add(shift);
            a.lanewise(XOR, a.lanewise(ASHR, SIGN_SHIFT).and(magnitude)).intoMemorySegment(target, targetOffset, ORDER);
            at += 2 * VECTOR;
            targetOffset += VECTOR;
            if (--remaining == 0) {
                remaining = vectors;
                at += xRowSkip;
                targetOffset += targetRowSkip;
            }
        }
    }

    private static void anyStride(MemorySegment s, long from, Horizontal geometry, MemorySegment y, long to) {
        for (int j = 0; j < geometry.width(); j++) {
            long at = from + (long) j * geometry.stride() * Integer.BYTES;
            int max = NEGATIVE_INFINITY;
            for (int t = 0; t < geometry.taps(); t++) {
                max = Math.max(max, s.get(BITS, at + (long) t * geometry.step() * Integer.BYTES));
            }
            max += OFFSET;
            y.set(BITS, to + (long) j * Integer.BYTES, max ^ (max >> SIGN_SHIFT & Integer.MAX_VALUE));
        }
    }
}
