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

/** Averages: sums down, then across, divided by how many elements count. */
final class AverageLoops implements PoolLoops {
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int THREE = 3;

    /** Takes every second lane, of a first vector to the lower half of the result, of a second one to the upper. */
    private static final class Seconds {
        private static final VectorShuffle<Float> EVEN = VectorShuffle.fromOp(F32, i -> 2 * i % LANES);
        private static final VectorMask<Float> UPPER =
                VectorMask.fromLong(F32, ((1L << (LANES / 2)) - 1) << (LANES / 2));

        private Seconds() {}
    }

    @Override
    public int padding() {
        return 0;
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
            FloatVector sum = FloatVector.zero(F32);
            for (int t = 0; t < taps; t++) {
                sum = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, from + j + t * step, ORDER))
                        .add(sum);
            }
            FLOATS.cast(sum).intoMemorySegment(target, to + j, ORDER);
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
        int vectors = (int) (last / VECTOR) + 1;
        long atSkip = next - vectors * VECTOR;
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
        int vectors = (int) (last / VECTOR) + 1;
        long atSkip = next - vectors * VECTOR;
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
    public void across(MemorySegment s, long from, Row row, int first, int rows, MemorySegment y, long to) {
        long step = (long) row.step() * Float.BYTES;
        if (row.stride() == 1 && row.taps() == THREE) {
            threeColumns(s, from, step, row, first, rows, y, to);
        } else if (row.stride() == 1) {
            everyColumn(s, from, step, row, first, rows, y, to);
        } else if (row.stride() == 2) {
            everySecond(s, from, step, row, first, rows, y, to);
        } else {
            for (int i = 0; i < rows; i++) {
                long at = to + (long) i * row.width() * Float.BYTES;
                strided(s, from + i * row.pitch(), row, row.rowTaps()[first + i], y, at);
            }
        }
    }

    private static void everyColumn(
            MemorySegment s, long from, long step, Row row, int first, int rows, MemorySegment y, long to) {
        MemorySegment source = NATIVE.cast(s);
        MemorySegment target = NATIVE.cast(y);
        float[] columnTaps = row.columnTaps();
        float[] rowTaps = row.rowTaps();
        int vectors = (int) (row.last() / VECTOR) + 1;
        long atSkip = row.pitch() - vectors * VECTOR;
        long placeSkip = (long) row.width() * Float.BYTES - vectors * VECTOR;
        int taps = row.taps();
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

    private static void threeColumns(
            MemorySegment s, long from, long step, Row row, int first, int rows, MemorySegment y, long to) {
        MemorySegment source = NATIVE.cast(s);
        MemorySegment target = NATIVE.cast(y);
        float[] columnTaps = row.columnTaps();
        float[] rowTaps = row.rowTaps();
        int vectors = (int) (row.last() / VECTOR) + 1;
        long atSkip = row.pitch() - vectors * VECTOR;
        long placeSkip = (long) row.width() * Float.BYTES - vectors * VECTOR;
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

    /** Sums of all windows one apart, of which every second one is taken. */
    private static void everySecond(
            MemorySegment s, long from, long step, Row row, int first, int rows, MemorySegment y, long to) {
        MemorySegment source = NATIVE.cast(s);
        MemorySegment target = NATIVE.cast(y);
        float[] columnTaps = row.columnTaps();
        float[] rowTaps = row.rowTaps();
        int vectors = (int) (row.last() / VECTOR) + 1;
        long atSkip = row.pitch() - vectors * 2L * VECTOR;
        long placeSkip = (long) row.width() * Float.BYTES - vectors * VECTOR;
        int taps = row.taps();
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
                    .rearrange(Seconds.EVEN)
                    .blend(FLOATS.cast(b).rearrange(Seconds.EVEN), Seconds.UPPER)
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

    private static void strided(MemorySegment s, long from, Row row, float rowTaps, MemorySegment y, long to) {
        for (int j = 0; j < row.width(); j++) {
            long at = from + (long) j * row.stride() * Float.BYTES;
            float sum = 0;
            for (int t = 0; t < row.taps(); t++) {
                sum += s.get(SCALAR, at + (long) t * row.step() * Float.BYTES);
            }
            y.set(SCALAR, to + (long) j * Float.BYTES, sum / (row.columnTaps()[j] * rowTaps));
        }
    }
}
