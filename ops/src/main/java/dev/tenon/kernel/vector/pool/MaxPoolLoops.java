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
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;

/** Maxima. Scratch memory holds the ranks of numbers, see {@link FloatOrder}. */
final class MaxPoolLoops implements PoolLoops {
    private static final long VECTOR = (long) SimdSpecies.LANES * Integer.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    @Override
    public int padding() {
        return NEGATIVE_INFINITY;
    }

    @Override
    public void vertical(MemorySegment x, long from, int taps, long step, int vectors, MemorySegment s, long to) {
        x = NATIVE.cast(x);
        s = NATIVE.cast(s);
        for (int i = 0; i < vectors; i++) {
            IntVector max = IntVector.broadcast(I32, NEGATIVE_INFINITY);
            for (int t = 0; t < taps; t++) {
                IntVector v = INTS.cast(IntVector.fromMemorySegment(I32, x, from + i * VECTOR + t * step, ORDER));
                v = v.lanewise(XOR, v.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                        .sub(OFFSET);
                max = v.max(max);
            }
            INTS.cast(max).intoMemorySegment(s, to + i * VECTOR, ORDER);
        }
    }

    @Override
    public void horizontal(MemorySegment s, long from, int taps, long step, int vectors, long to) {
        s = NATIVE.cast(s);
        for (int i = 0; i < vectors; i++) {
            long at = from + i * VECTOR;
            IntVector max = IntVector.fromMemorySegment(I32, s, at, ORDER);
            for (int t = 1; t < taps; t++) {
                max = INTS.cast(IntVector.fromMemorySegment(I32, s, at + t * step, ORDER))
                        .max(max);
            }
            INTS.cast(max).intoMemorySegment(s, to + i * VECTOR, ORDER);
        }
    }

    @Override
    public void finish(MemorySegment s, long at, int vectors, float[] columnCounts, float rowCount) {
        s = NATIVE.cast(s);
        for (int i = 0; i < vectors; i++) {
            IntVector v = INTS.cast(IntVector.fromMemorySegment(I32, s, at + i * VECTOR, ORDER))
                    .add(OFFSET);
            v.lanewise(XOR, v.lanewise(ASHR, SIGN_SHIFT).and(Integer.MAX_VALUE))
                    .intoMemorySegment(s, at + i * VECTOR, ORDER);
        }
    }
}
