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
 * Sums of many short runs of float32 that lie one behind the other, each summed up lane by lane, and the lanes with each
 * other without leaving the vector. The limit is the shuffles that takes, as many for a run of few elements as for one of
 * many.
 */
public final class ShortSums {
    /** Elements of runs that are short. */
    public static final int MOST = 256;

    /** Runs that a loop goes over in one call, at most: the loops count them by {@code int}. */
    static final int PIECE = 1 << 20;

    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = LaneSums.BYTES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** The number of each lane. */
    private static final float[] INDEXES = new float[LANES];

    static {
        for (int i = 0; i < LANES; i++) {
            INDEXES[i] = i;
        }
    }

    private ShortSums() {}

    /** The scratch memory that {@link #sums} takes for runs of a length. */
    public static long scratchBytes(long length) {
        return length * Float.BYTES + 2 * VECTOR;
    }

    /**
     * The sums of some runs, divided by a number.
     *
     * @param base the byte of the first element of all runs
     * @param length the elements of a run, at most {@link #MOST}
     * @param first the first run
     * @param end the run after the last
     * @param y gets the results, that of the first run of all first
     */
    public static void sums(
            MemorySegment x,
            long base,
            int length,
            float divisor,
            long first,
            long end,
            MemorySegment y,
            MemorySegment scratch) {
        boolean compiled = ReduceWarmUps.SHORT_RUNS.over();
        long bytes = (long) length * Float.BYTES;
        // The last vector of a run goes beyond it: beyond memory, runs are copied.
        long whole = Math.clamp((x.byteSize() - base - VECTOR) / bytes, first, end);
        for (long i = first; i < whole; i += PIECE) {
            int runs = (int) Math.min(PIECE, whole - i);
            if (compiled) {
                vectors(x, base + i * bytes, runs, length, divisor, y, i * Float.BYTES);
            } else {
                plain(x, base + i * bytes, runs, length, divisor, y, i * Float.BYTES, scratch);
            }
        }
        for (long i = whole; i < end; i++) {
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
            int runs,
            int length,
            float divisor,
            MemorySegment y,
            long to,
            MemorySegment scratch) {
        for (int i = 0; i < runs; i++) {
            float result = plain(x, at + (long) i * length * Float.BYTES, length, divisor, scratch);
            y.set(SCALAR, to + (long) i * Float.BYTES, result);
        }
    }

    /** The sums of runs, divided: the elements that fill no vector first, then vector by vector. */
    static void vectors(MemorySegment x, long at, int runs, int length, float divisor, MemorySegment y, long to) {
        MemorySegment source = NATIVE.cast(x);
        MemorySegment target = NATIVE.cast(y);
        int rest = length % LANES;
        long body = (long) (length - rest) * Float.BYTES;
        for (int i = 0; i < runs; i++) {
            long run = (long) i * length * Float.BYTES;
            FloatVector sum = FLOATS.cast(FloatVector.zero(F32))
                    .blend(
                            FloatVector.fromMemorySegment(F32, source, at + run + body, ORDER),
                            FLOATS.cast(FloatVector.fromArray(F32, INDEXES, 0))
                                    .compare(VectorOperators.LT, (float) rest));
            for (long k = run; k < run + body; k += VECTOR) {
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

    /** The same bits for one run by plain loops. */
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
