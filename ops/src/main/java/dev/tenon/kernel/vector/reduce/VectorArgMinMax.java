package dev.tenon.kernel.vector.reduce;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.I32;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.INTS;

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
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * ArgMax, ArgMin and Hardmax along the last axis of float32. A first loop finds the extreme of a row, its greatest or
 * least element; a second loop searches for it, in the first-level cache unless the row is too long. The last vector of
 * a row overlaps the one before it. The first loop also detects NaN; plain loops then compute the row.
 */
public final class VectorArgMinMax implements Kernel {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final long VECTOR = LaneSums.BYTES;
    private static final long PART_ELEMENTS = 64 << 10;
    private static final long ELEMENTS_PER_NANO = 10;
    private static final long ROW_NANOS = 20;
    private static final int INFINITY_BITS = 0x7f800000;

    private final ArgMinMaxProblem p;
    private final RowPartition split;
    private final long rowBytes;

    /**
     * The bits that are inverted in each element: the sign bit if the least element is searched for, otherwise none.
     */
    private final int flip;

    private VectorArgMinMax(ArgMinMaxProblem p) {
        this.p = p;
        this.split = RowPartition.of(p.outer(), p.length(), PART_ELEMENTS);
        this.rowBytes = p.length() * Float.BYTES;
        this.flip = p.max() ? 0 : Integer.MIN_VALUE;
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
            float extreme = extreme(x, at, rowBytes - VECTOR, flip);
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
     * The extreme of a row; NaN if an element is NaN. Zero may have either sign.
     *
     * @param end the offset of the last vector of the row, in bytes from the start of the row
     */
    private static float extreme(MemorySegment x, long at, long end, int flip) {
        x = NATIVE.cast(x);
        FloatVector a = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
        FloatVector b = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
        IntVector magnitudesA = IntVector.zero(I32);
        IntVector magnitudesB = IntVector.zero(I32);
        long i = 0;
        for (; i + VECTOR < end; i += 2 * VECTOR) {
            IntVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, at + i, LE))
                    .reinterpretAsInts()
                    .lanewise(VectorOperators.XOR, flip);
            IntVector w = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, at + i + VECTOR, LE))
                    .reinterpretAsInts()
                    .lanewise(VectorOperators.XOR, flip);
            magnitudesA = v.and(Integer.MAX_VALUE).max(magnitudesA);
            magnitudesB = w.and(Integer.MAX_VALUE).max(magnitudesB);
            FloatVector c = v.reinterpretAsFloats();
            FloatVector d = w.reinterpretAsFloats();
            a = FLOATS.cast(a).blend(c, c.compare(VectorOperators.GT, a));
            b = FLOATS.cast(b).blend(d, d.compare(VectorOperators.GT, b));
        }
        for (; i < end + VECTOR; i += VECTOR) {
            IntVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, at + Math.min(i, end), LE))
                    .reinterpretAsInts()
                    .lanewise(VectorOperators.XOR, flip);
            magnitudesA = v.and(Integer.MAX_VALUE).max(magnitudesA);
            FloatVector c = v.reinterpretAsFloats();
            a = FLOATS.cast(a).blend(c, c.compare(VectorOperators.GT, a));
        }
        if (INTS.cast(magnitudesA).max(magnitudesB).reduceLanes(VectorOperators.MAX) > INFINITY_BITS) {
            return Float.NaN;
        }
        // Compares bits as integers that have the order of the numbers, because that is one instruction.
        IntVector bits = FLOATS.cast(a)
                .blend(b, FLOATS.cast(b).compare(VectorOperators.GT, a))
                .reinterpretAsInts();
        int rank = bits.lanewise(
                        VectorOperators.XOR,
                        bits.lanewise(VectorOperators.ASHR, Integer.SIZE - 1).and(Integer.MAX_VALUE))
                .reduceLanes(VectorOperators.MAX);
        return Float.intBitsToFloat(rank ^ (rank >> Integer.SIZE - 1 & Integer.MAX_VALUE) ^ flip);
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
