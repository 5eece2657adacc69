package dev.tenon.kernel.vector.reduce;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.reduce.ArgMinMaxProblem;
import dev.tenon.kernel.scalar.reduce.ScalarArgMinMax;
import dev.tenon.kernel.vector.LaneSums;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * ArgMax, ArgMin and Hardmax along the last axis of float32. {@link RowReductions} find the extreme of a row, its
 * greatest or least element; a loop then searches for it. The last vector of a row overlaps the one before it. Plain loops
 * compute a row with NaN.
 */
public final class VectorArgMinMax implements Kernel {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final long VECTOR = LaneSums.BYTES;
    private static final long PART_ELEMENTS = 64 << 10;
    private static final long ELEMENTS_PER_NANO = 10;
    private static final long ROW_NANOS = 20;

    private final ArgMinMaxProblem p;
    private final RowPartition split;
    private final long rowBytes;

    private VectorArgMinMax(ArgMinMaxProblem p) {
        this.p = p;
        this.split = RowPartition.of(p.outer(), p.length(), PART_ELEMENTS);
        this.rowBytes = p.length() * Float.BYTES;
    }

    /**
     * Makes the kernel.
     *
     * @param p the problem, with inner 1 and rows of at least one vector
     * @return the kernel
     */
    public static Kernel of(ArgMinMaxProblem p) {
        return new VectorArgMinMax(p);
    }

    @Override
    public String id() {
        return "extreme_f32_vector" + SimdSpecies.BITS;
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return split.maxPartRows() * (p.length() / ELEMENTS_PER_NANO + ROW_NANOS);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        MemorySegment y = operands[1];
        for (long row = split.start(from); row < split.start(to); row++) {
            long at = row * rowBytes;
            float extreme = p.max() ? RowReductions.max(x, at, p.length()) : RowReductions.min(x, at, p.length());
            long index;
            if (Float.isNaN(extreme)) {
                index = ScalarArgMinMax.index(x, at, Float.BYTES, p);
            } else if (p.lastOfEqual()) {
                index = lastIndex(x, at, rowBytes - VECTOR, extreme);
            } else {
                index = firstIndex(x, at, rowBytes - VECTOR, extreme);
            }
            if (p.oneHot()) {
                clear(y, at, rowBytes - VECTOR);
                y.set(SCALAR, at + index * Float.BYTES, 1f);
            } else {
                y.set(I64, row * Long.BYTES, index);
            }
        }
    }

    /**
     * The first index of the extreme in a row. Another thread may have overwritten the row since the extreme was found;
     * if the row no longer holds it, the result is the last index of the row.
     *
     * @param end the offset of the last vector of the row, in bytes from the start of the row
     */
    static long firstIndex(MemorySegment x, long at, long end, float extreme) {
        x = NATIVE.cast(x);
        for (long i = 0; ; i = Math.min(i + VECTOR, end)) {
            VectorMask<Float> found = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, at + i, LE))
                    .compare(VectorOperators.EQ, extreme);
            if (i == end || found.anyTrue()) {
                return Math.min(i + found.firstTrue() * (long) Float.BYTES, end + VECTOR - Float.BYTES) / Float.BYTES;
            }
        }
    }

    /** The last index of the extreme in a row; 0 if the row no longer holds it. */
    static long lastIndex(MemorySegment x, long at, long end, float extreme) {
        x = NATIVE.cast(x);
        for (long i = end; ; i = Math.max(i - VECTOR, 0)) {
            VectorMask<Float> found = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, at + i, LE))
                    .compare(VectorOperators.EQ, extreme);
            if (i == 0 || found.anyTrue()) {
                return Math.max(i / Float.BYTES + found.lastTrue(), 0);
            }
        }
    }

    /** Fills a row with zeros. */
    private static void clear(MemorySegment y, long at, long end) {
        y = NATIVE.cast(y);
        for (long i = 0; i < end; i += VECTOR) {
            FLOATS.cast(FloatVector.zero(F32)).intoMemorySegment(y, at + i, LE);
        }
        FLOATS.cast(FloatVector.zero(F32)).intoMemorySegment(y, at + end, LE);
    }
}
