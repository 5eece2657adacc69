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
 * ArgMax and ArgMin of float32 along an axis that is not the last. Each lane of a vector works on a column of its own.
 * A vector of columns runs from the first row to the last, or backwards if the last of equal elements is taken. The last
 * vector of a row overlaps the one before it. The loop also detects NaN; plain loops then compute such
 * a column.
 */
public final class VectorColumnArgMinMax implements Kernel {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfInt I32_LAYOUT = ValueLayout.JAVA_INT;
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = LaneSums.BYTES;
    private static final long PART_ELEMENTS = 64 << 10;
    private static final long ELEMENTS_PER_NANO = 8;
    private static final long BLOCK_NANOS = 50;
    private static final int INFINITY_BITS = 0x7f800000;

    private final ArgMinMaxProblem p;

    /** Blocks of an outer index. */
    private final long blocks;

    private final RowPartition split;

    private VectorColumnArgMinMax(ArgMinMaxProblem p) {
        this.p = p;
        this.blocks = Math.ceilDiv(p.inner(), LANES);
        this.split = RowPartition.of(p.outer() * blocks, p.length() * LANES, PART_ELEMENTS);
    }

    /**
     * Makes the kernel.
     *
     * @param p the problem, with at least as many columns as a vector has lanes, and without Hardmax
     * @return the kernel
     */
    public static Kernel of(ArgMinMaxProblem p) {
        return new VectorColumnArgMinMax(p);
    }

    @Override
    public String id() {
        return "extreme_f32_columns_vector" + SimdSpecies.BITS;
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return split.maxPartRows() * (p.length() * LANES / ELEMENTS_PER_NANO + BLOCK_NANOS);
    }

    @Override
    public long scratchBytes() {
        return 2 * VECTOR;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        int rows = (int) p.length();
        long stride = p.inner() * Float.BYTES;
        int first = p.lastOfEqual() ? rows - 1 : 0;
        int step = p.lastOfEqual() ? -1 : 1;
        for (long i = split.start(from); i < split.start(to); i++) {
            long outer = i / blocks;
            long column = Math.min(i % blocks * LANES, p.inner() - LANES);
            long at = outer * p.length() * p.inner() + column;
            findExtremes(x, at * Float.BYTES, stride, first, step, rows, p.max() ? 0 : Integer.MIN_VALUE, scratch);
            writeIndices(x, at, stride, scratch, operands[1], outer * p.inner() + column);
        }
    }

    /** Writes the indices of a vector of columns, from the vectors that {@link #findExtremes} has stored. */
    private void writeIndices(
            MemorySegment x, long from, long stride, MemorySegment scratch, MemorySegment y, long to) {
        for (int c = 0; c < LANES; c++) {
            long lane = (long) c * Integer.BYTES;
            long index = scratch.get(I32_LAYOUT, lane);
            if (scratch.get(I32_LAYOUT, lane + VECTOR) > INFINITY_BITS) {
                index = ScalarArgMinMax.index(x, (from + c) * Float.BYTES, stride, p);
            }
            y.set(I64, (to + c) * Long.BYTES, index);
        }
    }

    /**
     * Finds the rows of the extremes in a vector of columns. Ignores NaN.
     *
     * @param x the memory of the columns
     * @param at the byte offset of the vector in row 0
     * @param stride bytes from a row to the next
     * @param first the row to start with
     * @param step the step to the next row, 1 or -1
     * @param rows the number of rows
     * @param flip the bits that are inverted in each element: the sign bit if the least elements are searched for,
     *     otherwise 0
     * @param found receives a vector of row numbers, then a vector of the greatest bits without sign, which tell NaN
     */
    private static void findExtremes(
            MemorySegment x, long at, long stride, int first, int step, int rows, int flip, MemorySegment found) {
        x = NATIVE.cast(x);
        found = NATIVE.cast(found);
        FloatVector extreme = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
        IntVector indices = IntVector.broadcast(I32, first);
        IntVector magnitudes = IntVector.zero(I32);
        int row = first;
        for (int i = 0; i < rows; i++) {
            IntVector bits = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, at + row * stride, LE))
                    .reinterpretAsInts()
                    .lanewise(VectorOperators.XOR, flip);
            magnitudes = bits.and(Integer.MAX_VALUE).max(magnitudes);
            FloatVector v = bits.reinterpretAsFloats();
            VectorMask<Float> better = v.compare(VectorOperators.GT, extreme);
            extreme = FLOATS.cast(extreme).blend(v, better);
            indices = INTS.cast(indices).blend(row, better.cast(I32));
            row += step;
        }
        INTS.cast(indices).intoMemorySegment(found, 0, LE);
        INTS.cast(magnitudes).intoMemorySegment(found, VECTOR, LE);
    }
}
