package dev.tenon.kernel.vector.pool;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/** Averages: vertical sums, then horizontal sums, divided by the number of elements that count. */
final class AveragePoolLoops implements PoolLoops {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int KERNEL_3 = 3;

    /**
     * Selects the even lanes of two vectors: those of the first vector for the lower half, those of the second for the
     * upper half.
     */
    private static final class EvenLanes {
        private static final VectorShuffle<Float> EVEN = VectorShuffle.fromOp(F32, i -> 2 * i % LANES);
        private static final VectorMask<Float> UPPER =
                VectorMask.fromLong(F32, ((1L << (LANES / 2)) - 1) << (LANES / 2));

        private EvenLanes() {}
    }

    @Override
    public int padding() {
        return 0;
    }

    @Override
    public void vertical(MemorySegment x, long from, int taps, Vertical geometry, int rows, MemorySegment s, long to) {
        long step = geometry.tapStep();
        long next = geometry.rowStep();
        long last = geometry.lastVector();
        long pitch = geometry.pitch();
        if (taps == KERNEL_3) {
            sumThreeRows(x, from, step, next, last, rows, s, to, pitch);
        } else if (taps == 2) {
            sumTwoRows(x, from, step, next, last, rows, s, to, pitch);
        } else {
            for (int i = 0; i < rows; i++) {
                sumRows(x, from + i * next, taps, step, last, s, to + i * pitch);
            }
        }
    }

    private static void sumRows(MemorySegment x, long from, int taps, long step, long last, MemorySegment s, long to) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(s);
        for (long j = 0; j <= last; j += VECTOR) {
            FloatVector sum = FloatVector.zero(F32);
            for (int t = 0; t < taps; t++) {
                sum = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, from + j + t * step, ORDER))
                        .add(sum);
            }
            FLOATS.cast(sum).intoMemorySegment(target, to + j, ORDER);
        }
    }

    private static void sumTwoRows(
            MemorySegment x,
            long from,
            long step,
            long nextRow,
            long last,
            int rows,
            MemorySegment s,
            long to,
            long pitch) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(s);
        int vectors = (int) (last / VECTOR) + 1;
        long atSkip = nextRow - vectors * VECTOR;
        long placeSkip = pitch - vectors * VECTOR;
        int left = vectors;
        long at = from;
        long place = to;
        for (int i = vectors * rows; i > 0; i--) {
            FLOATS.cast(FloatVector.fromMemorySegment(F32, source, at, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, source, at + step, ORDER))
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

    private static void sumThreeRows(
            MemorySegment x,
            long from,
            long step,
            long nextRow,
            long last,
            int rows,
            MemorySegment s,
            long to,
            long pitch) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(s);
        int vectors = (int) (last / VECTOR) + 1;
        long atSkip = nextRow - vectors * VECTOR;
        long placeSkip = pitch - vectors * VECTOR;
        int left = vectors;
        long at = from;
        long place = to;
        for (int i = vectors * rows; i > 0; i--) {
            FLOATS.cast(FloatVector.fromMemorySegment(F32, source, at, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, source, at + step, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, source, at + 2 * step, ORDER))
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

    @Override
    public void horizontal(
            MemorySegment s, long from, Horizontal geometry, int first, int rows, MemorySegment y, long to) {
        long step = (long) geometry.step() * Float.BYTES;
        if (geometry.stride() == 1 && geometry.taps() == KERNEL_3) {
            threeColumnsStride1(s, from, step, geometry, first, rows, y, to);
        } else if (geometry.stride() == 1) {
            stride1(s, from, step, geometry, first, rows, y, to);
        } else if (geometry.stride() == 2) {
            stride2(s, from, step, geometry, first, rows, y, to);
        } else {
            for (int i = 0; i < rows; i++) {
                long at = to + (long) i * geometry.width() * Float.BYTES;
                anyStride(s, from + i * geometry.pitch(), geometry, geometry.rowCounts()[first + i], y, at);
            }
        }
    }

    private static void stride1(
            MemorySegment s, long from, long step, Horizontal geometry, int first, int rows, MemorySegment y, long to) {
        MemorySegment source = NATIVE.cast(s);
        MemorySegment target = NATIVE.cast(y);
        float[] columnTaps = geometry.columnCounts();
        float[] rowTaps = geometry.rowCounts();
        int vectors = (int) (geometry.lastVector() / VECTOR) + 1;
        long atSkip = geometry.pitch() - vectors * VECTOR;
        long placeSkip = (long) geometry.width() * Float.BYTES - vectors * VECTOR;
        int taps = geometry.taps();
        int column = 0;
        int line = first;
        int left = vectors;
        long at = from;
        long place = to;
        for (int i = vectors * rows; i > 0; i--) {
            FloatVector n = FLOATS.cast(FloatVector.fromArray(F32, columnTaps, column));
            FloatVector a = FloatVector.fromMemorySegment(F32, source, at, ORDER);
            for (int t = 1; t < taps; t++) {
                a = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, at + t * step, ORDER))
                        .add(a);
            }
            FLOATS.cast(a).div(n.mul(rowTaps[line])).intoMemorySegment(target, place, ORDER);
            column += LANES;
            at += VECTOR;
            place += VECTOR;
            if (--left == 0) {
                left = vectors;
                column = 0;
                line++;
                at += atSkip;
                place += placeSkip;
            }
        }
    }

    private static void threeColumnsStride1(
            MemorySegment s, long from, long step, Horizontal geometry, int first, int rows, MemorySegment y, long to) {
        MemorySegment source = NATIVE.cast(s);
        MemorySegment target = NATIVE.cast(y);
        float[] columnTaps = geometry.columnCounts();
        float[] rowTaps = geometry.rowCounts();
        int vectors = (int) (geometry.lastVector() / VECTOR) + 1;
        long atSkip = geometry.pitch() - vectors * VECTOR;
        long placeSkip = (long) geometry.width() * Float.BYTES - vectors * VECTOR;
        int column = 0;
        int line = first;
        int left = vectors;
        long at = from;
        long place = to;
        for (int i = vectors * rows; i > 0; i--) {
            FloatVector n = FLOATS.cast(FloatVector.fromArray(F32, columnTaps, column));
            FLOATS.cast(FloatVector.fromMemorySegment(F32, source, at, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, source, at + step, ORDER))
                    .add(FloatVector.fromMemorySegment(F32, source, at + 2 * step, ORDER))
                    .div(n.mul(rowTaps[line]))
                    .intoMemorySegment(target, place, ORDER);
            column += LANES;
            at += VECTOR;
            place += VECTOR;
            if (--left == 0) {
                left = vectors;
                column = 0;
                line++;
                at += atSkip;
                place += placeSkip;
            }
        }
    }

    /** Stride 2: sums for stride 1, of which every second one is taken. */
    private static void stride2(
            MemorySegment s, long from, long step, Horizontal geometry, int first, int rows, MemorySegment y, long to) {
        MemorySegment source = NATIVE.cast(s);
        MemorySegment target = NATIVE.cast(y);
        float[] columnTaps = geometry.columnCounts();
        float[] rowTaps = geometry.rowCounts();
        int vectors = (int) (geometry.lastVector() / VECTOR) + 1;
        long atSkip = geometry.pitch() - vectors * 2L * VECTOR;
        long placeSkip = (long) geometry.width() * Float.BYTES - vectors * VECTOR;
        int taps = geometry.taps();
        int column = 0;
        int line = first;
        int left = vectors;
        long at = from;
        long place = to;
        for (int i = vectors * rows; i > 0; i--) {
            FloatVector n = FLOATS.cast(FloatVector.fromArray(F32, columnTaps, column));
            FloatVector a = FloatVector.fromMemorySegment(F32, source, at, ORDER);
            FloatVector b = FloatVector.fromMemorySegment(F32, source, at + VECTOR, ORDER);
            for (int t = 1; t < taps; t++) {
                a = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, at + t * step, ORDER))
                        .add(a);
                b = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, at + VECTOR + t * step, ORDER))
                        .add(b);
            }
            FLOATS.cast(a)
                    .rearrange(EvenLanes.EVEN)
                    .blend(FLOATS.cast(b).rearrange(EvenLanes.EVEN), EvenLanes.UPPER)
                    .div(n.mul(rowTaps[line]))
                    .intoMemorySegment(target, place, ORDER);
            column += LANES;
            at += 2 * VECTOR;
            place += VECTOR;
            if (--left == 0) {
                left = vectors;
                column = 0;
                line++;
                at += atSkip;
                place += placeSkip;
            }
        }
    }

    private static void anyStride(
            MemorySegment s, long from, Horizontal geometry, float rowTaps, MemorySegment y, long to) {
        for (int j = 0; j < geometry.width(); j++) {
            long at = from + (long) j * geometry.stride() * Float.BYTES;
            float sum = 0;
            for (int t = 0; t < geometry.taps(); t++) {
                sum += s.get(SCALAR, at + (long) t * geometry.step() * Float.BYTES);
            }
            y.set(SCALAR, to + (long) j * Float.BYTES, sum / (geometry.columnCounts()[j] * rowTaps));
        }
    }
}
