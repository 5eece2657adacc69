package dev.tenon.kernel.vector;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.VectorShape.Floats.F32;
import static dev.tenon.kernel.vector.VectorShape.Floats.FLOATS;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/** Averages: sums down, then across, divided by how many elements count. */
final class AverageLoops implements PoolLoops {
    private static final int LANES = VectorShape.LANES;
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
        for (long j = last; j >= 0; j -= VECTOR) {
            for (int i = 0; i < rows; i++) {
                long at = j + i * next;
                FLOATS.cast(FloatVector.fromMemorySegment(F32, source, from + at, ORDER))
                        .add(FloatVector.fromMemorySegment(F32, source, from + at + step, ORDER))
                        .intoMemorySegment(target, to + j + i * pitch, ORDER);
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
        for (long j = last; j >= 0; j -= VECTOR) {
            for (int i = 0; i < rows; i++) {
                long at = j + i * next;
                FLOATS.cast(FloatVector.fromMemorySegment(F32, source, from + at, ORDER))
                        .add(FloatVector.fromMemorySegment(F32, source, from + at + step, ORDER))
                        .add(FloatVector.fromMemorySegment(F32, source, from + at + 2 * step, ORDER))
                        .intoMemorySegment(target, to + j + i * pitch, ORDER);
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
        long pitch = row.pitch();
        long apart = (long) row.width() * Float.BYTES;
        int taps = row.taps();
        for (int j = (int) (row.last() / Float.BYTES); j >= 0; j -= LANES) {
            FloatVector n = FLOATS.cast(FloatVector.fromArray(F32, columnTaps, j));
            long column = (long) j * Float.BYTES;
            for (int i = 0; i < rows; i++) {
                long at = column + i * pitch;
                FloatVector a = FloatVector.fromMemorySegment(F32, source, from + at, ORDER);
                for (int t = 1; t < taps; t++) {
                    a = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, from + at + t * step, ORDER))
                            .add(a);
                }
                FLOATS.cast(a).div(n.mul(rowTaps[first + i])).intoMemorySegment(target, to + column + i * apart, ORDER);
            }
        }
    }

    private static void threeColumns(
            MemorySegment s, long from, long step, Row row, int first, int rows, MemorySegment y, long to) {
        MemorySegment source = NATIVE.cast(s);
        MemorySegment target = NATIVE.cast(y);
        float[] columnTaps = row.columnTaps();
        float[] rowTaps = row.rowTaps();
        long pitch = row.pitch();
        long apart = (long) row.width() * Float.BYTES;
        for (int j = (int) (row.last() / Float.BYTES); j >= 0; j -= LANES) {
            FloatVector n = FLOATS.cast(FloatVector.fromArray(F32, columnTaps, j));
            long column = (long) j * Float.BYTES;
            for (int i = 0; i < rows; i++) {
                long at = column + i * pitch;
                FLOATS.cast(FloatVector.fromMemorySegment(F32, source, from + at, ORDER))
                        .add(FloatVector.fromMemorySegment(F32, source, from + at + step, ORDER))
                        .add(FloatVector.fromMemorySegment(F32, source, from + at + 2 * step, ORDER))
                        .div(n.mul(rowTaps[first + i]))
                        .intoMemorySegment(target, to + column + i * apart, ORDER);
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
        long pitch = row.pitch();
        long apart = (long) row.width() * Float.BYTES;
        int taps = row.taps();
        for (int j = (int) (row.last() / Float.BYTES); j >= 0; j -= LANES) {
            FloatVector n = FLOATS.cast(FloatVector.fromArray(F32, columnTaps, j));
            long column = (long) j * Float.BYTES;
            for (int i = 0; i < rows; i++) {
                long at = 2 * column + i * pitch;
                FloatVector a = FloatVector.fromMemorySegment(F32, source, from + at, ORDER);
                FloatVector b = FloatVector.fromMemorySegment(F32, source, from + at + VECTOR, ORDER);
                for (int t = 1; t < taps; t++) {
                    a = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, from + at + t * step, ORDER))
                            .add(a);
                    b = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, from + at + VECTOR + t * step, ORDER))
                            .add(b);
                }
                FLOATS.cast(a)
                        .rearrange(Seconds.EVEN)
                        .blend(FLOATS.cast(b).rearrange(Seconds.EVEN), Seconds.UPPER)
                        .div(n.mul(rowTaps[first + i]))
                        .intoMemorySegment(target, to + column + i * apart, ORDER);
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
