package dev.tenon.kernel.vector.pool;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/** Averages: vertical sums, then horizontal sums, divided by the number of elements that count. */
final class AveragePoolLoops implements PoolLoops {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    @Override
    public int padding() {
        return 0;
    }

    @Override
    public void vertical(MemorySegment x, long from, int taps, long step, int vectors, MemorySegment s, long to) {
        sum(x, from, taps, step, vectors, s, to);
    }

    @Override
    public void horizontal(MemorySegment s, long from, int taps, long step, int vectors, long to) {
        sum(s, from, taps, step, vectors, s, to);
    }

    private static void sum(MemorySegment x, long from, int taps, long step, int vectors, MemorySegment s, long to) {
        x = NATIVE.cast(x);
        s = NATIVE.cast(s);
        for (int i = 0; i < vectors; i++) {
            long at = from + i * VECTOR;
            FloatVector sum = FloatVector.fromMemorySegment(F32, x, at, ORDER);
            for (int t = 1; t < taps; t++) {
                sum = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, at + t * step, ORDER))
                        .add(sum);
            }
            FLOATS.cast(sum).intoMemorySegment(s, to + i * VECTOR, ORDER);
        }
    }

    @Override
    public void finish(MemorySegment s, long at, int vectors, float[] columnCounts, float rowCount) {
        s = NATIVE.cast(s);
        for (int i = 0; i < vectors; i++) {
            FloatVector counts =
                    FloatVector.fromArray(F32, columnCounts, i * LANES).mul(rowCount);
            FLOATS.cast(FloatVector.fromMemorySegment(F32, s, at + i * VECTOR, ORDER))
                    .div(counts)
                    .intoMemorySegment(s, at + i * VECTOR, ORDER);
        }
    }
}
