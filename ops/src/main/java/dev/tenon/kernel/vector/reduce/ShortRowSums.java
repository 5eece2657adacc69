package dev.tenon.kernel.vector.reduce;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.vector.LaneShuffles;
import dev.tenon.kernel.vector.LaneSums;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Sums of many short contiguous rows of float32, each divided by the same number. Each row is added up lane by lane,
 * and then shuffles add up the lanes. A call works on many rows, because it would cost more to start a loop for each
 * row than to add it up. Immutable and safe for any number of threads.
 */
public final class ShortRowSums {
    /** The most elements of a row. Longer rows are better added up one by one, see {@link RowReductions#sum}. */
    public static final int MAX_LENGTH = 256;

    /** The most rows that one call of a loop takes. The loops count them by {@code int}. */
    static final int MAX_ROWS = 1 << 20;

    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = LaneSums.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** The number of each lane. */
    private static final float[] LANE_NUMBERS = new float[LANES];

    static {
        for (int i = 0; i < LANES; i++) {
            LANE_NUMBERS[i] = i;
        }
    }

    private final int length;
    private final float divisor;

    /**
     * Sums of rows of one length.
     *
     * @param length the elements of a row, 1 to {@link #MAX_LENGTH}
     * @param divisor the number by which each sum is divided
     */
    public ShortRowSums(int length, float divisor) {
        this.length = length;
        this.divisor = divisor;
    }

    /**
     * Scratch memory that {@link #sums} needs.
     *
     * @return bytes
     */
    public long scratchBytes() {
        return length * (long) Float.BYTES + 2 * VECTOR;
    }

    /**
     * Computes the sums of a range of rows.
     *
     * @param x the memory of the rows
     * @param base the byte offset of row 0; negative if x does not hold it
     * @param first the first row
     * @param end the row after the last
     * @param y receives the sums, that of row 0 at offset 0
     * @param scratch memory of {@link #scratchBytes}
     */
    public void sums(MemorySegment x, long base, long first, long end, MemorySegment y, MemorySegment scratch) {
        boolean compiled = ReduceWarmUps.SHORT_ROWS.over();
        long bytes = (long) length * Float.BYTES;
        // The last vector of a row reaches beyond the row. Where it would reach beyond the memory, the row is copied
        // first.
        long inPlace = Math.clamp((x.byteSize() - base - VECTOR) / bytes, first, end);
        for (long i = first; i < inPlace; i += MAX_ROWS) {
            int rows = (int) Math.min(MAX_ROWS, inPlace - i);
            if (compiled) {
                vectors(x, base + i * bytes, rows, length, divisor, y, i * Float.BYTES);
            } else {
                plain(x, base + i * bytes, rows, length, divisor, y, i * Float.BYTES, scratch);
            }
        }
        for (long i = inPlace; i < end; i++) {
            MemorySegment.copy(x, base + i * bytes, scratch, VECTOR, bytes);
            if (compiled) {
                vectors(scratch, VECTOR, 1, length, divisor, y, i * Float.BYTES);
            } else {
                plain(scratch, VECTOR, 1, length, divisor, y, i * Float.BYTES, scratch);
            }
        }
    }

    private static void plain(
            MemorySegment x,
            long at,
            int rows,
            int length,
            float divisor,
            MemorySegment y,
            long to,
            MemorySegment scratch) {
        for (int i = 0; i < rows; i++) {
            float result = plain(x, at + (long) i * length * Float.BYTES, length, divisor, scratch);
            y.set(SCALAR, to + (long) i * Float.BYTES, result);
        }
    }

    /** Vector loop. The sum of a row starts with the last elements, which fill no vector. */
    static void vectors(MemorySegment x, long at, int rows, int length, float divisor, MemorySegment y, long to) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        int rest = length % LANES;
        long body = (long) (length - rest) * Float.BYTES;
        for (int i = 0; i < rows; i++) {
            long row = (long) i * length * Float.BYTES;
            FloatVector sum = FLOATS.cast(FloatVector.zero(F32))
                    .blend(
                            FloatVector.fromMemorySegment(F32, source, at + row + body, ORDER),
                            FLOATS.cast(FloatVector.fromArray(F32, LANE_NUMBERS, 0))
                                    .compare(VectorOperators.LT, (float) rest));
            for (long k = row; k < row + body; k += VECTOR) {
                sum = FLOATS.cast(FloatVector.fromMemorySegment(F32, source, at + k, ORDER))
                        .add(sum);
            }
            sum = FLOATS.cast(sum);
            if (LANES > 8) {
                sum = sum.add(sum.rearrange(LaneShuffles.BY_8));
            }
            if (LANES > 4) {
                sum = sum.add(sum.rearrange(LaneShuffles.BY_4));
            }
            sum = sum.add(sum.rearrange(LaneShuffles.BY_2));
            sum = sum.add(sum.rearrange(LaneShuffles.BY_1));
            target.set(SCALAR, to + (long) i * Float.BYTES, sum.lane(0) / divisor);
        }
    }

    /** Computes the sum of one row by scalar loops with the bits of {@link #vectors}. */
    static float plain(MemorySegment x, long at, int length, float divisor, MemorySegment scratch) {
        int rest = length % LANES;
        for (int lane = 0; lane < LANES; lane++) {
            float sum = lane < rest ? x.get(SCALAR, at + (long) (length - rest + lane) * Float.BYTES) : 0;
            for (int k = lane; k < length - rest; k += LANES) {
                sum += x.get(SCALAR, at + (long) k * Float.BYTES);
            }
            scratch.set(SCALAR, (long) lane * Float.BYTES, sum);
        }
        for (int half = LANES / 2; half > 0; half /= 2) {
            for (int lane = 0; lane < half; lane++) {
                float other = scratch.get(SCALAR, (long) (half + lane) * Float.BYTES);
                scratch.set(SCALAR, (long) lane * Float.BYTES, scratch.get(SCALAR, (long) lane * Float.BYTES) + other);
            }
        }
        return scratch.get(SCALAR, 0) / divisor;
    }
}
