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
 * The places of extremes of columns of float32 that lie side by side, a lane for each, two vectors of columns at a time from
 * the first row to the last, or back where the last of equal elements is asked for. The last vectors overlap those before
 * them. Columns with NaN are found on the way and left to plain loops.
 */
public final class VectorColumnArgMinMax implements Kernel {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfInt I32_LAYOUT = ValueLayout.JAVA_INT;
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = LaneSums.BYTES;
    private static final int TOGETHER = 2 * LANES;
    private static final long PART_ELEMENTS = 64 << 10;
    private static final long ELEMENTS_PER_NANO = 8;
    private static final long BLOCK_NANOS = 50;
    private static final int INFINITY_BITS = 0x7f800000;

    private final ArgMinMaxProblem p;
    private final long blocks;
    private final RowPartition split;

    private VectorColumnArgMinMax(ArgMinMaxProblem p) {
        this.p = p;
        this.blocks = Math.ceilDiv(p.inner(), TOGETHER);
        this.split = RowPartition.of(p.outer() * blocks, p.length() * TOGETHER, PART_ELEMENTS);
    }

    /**
     * A kernel.
     *
     * @param p the columns, at least as many as a vector has lanes, indices wanted; operands are input, output
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
        return split.most() * (p.length() * TOGETHER / ELEMENTS_PER_NANO + BLOCK_NANOS);
    }

    @Override
    public long scratchBytes() {
        return 4 * VECTOR;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        int rows = (int) p.length();
        long stride = p.inner() * Float.BYTES;
        int first = p.last() ? rows - 1 : 0;
        int step = p.last() ? -1 : 1;
        for (long i = split.start(from); i < split.start(to); i++) {
            long outer = i / blocks;
            long left = Math.min(i % blocks * TOGETHER, p.inner() - LANES);
            long right = Math.min(left + LANES, p.inner() - LANES);
            long line = outer * p.length() * p.inner();
            places(
                    x,
                    (line + left) * Float.BYTES,
                    (right - left) * Float.BYTES,
                    stride,
                    first,
                    step,
                    rows,
                    p.greatest() ? 0 : Integer.MIN_VALUE,
                    scratch);
            put(x, line + left, stride, scratch, 0, operands[1], outer * p.inner() + left);
            put(x, line + right, stride, scratch, VECTOR, operands[1], outer * p.inner() + right);
        }
    }

    /** Writes the indices of a vector of columns, from the vectors that {@link #places} left in memory. */
    private void put(
            MemorySegment x, long from, long stride, MemorySegment scratch, long at, MemorySegment y, long to) {
        for (int c = 0; c < LANES; c++) {
            long lane = at + (long) c * Integer.BYTES;
            long place = scratch.get(I32_LAYOUT, lane);
            if (scratch.get(I32_LAYOUT, lane + 2 * VECTOR) > INFINITY_BITS) {
                place = ScalarArgMinMax.place(x, (from + c) * Float.BYTES, stride, p);
            }
            y.set(I64, (to + c) * Long.BYTES, place);
        }
    }

    /**
     * Looks for the greatest of the columns of two vectors, which differs from what is looked for where there is NaN.
     *
     * @param at the byte of the first vector in the first row
     * @param next bytes to the second vector
     * @param stride bytes from row to row
     * @param first the row that is looked at first
     * @param step 1 or -1, to the next one
     * @param flip the sign bit if the least elements are looked for, else 0
     * @param found gets two vectors of rows, then two with the greatest bits but for the sign
     */
    private static void places(
            MemorySegment x,
            long at,
            long next,
            long stride,
            int first,
            int step,
            int rows,
            int flip,
            MemorySegment found) {
        x = NATIVE.cast(x);
        found = NATIVE.cast(found);
        FloatVector a = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
        FloatVector b = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
        IntVector atA = IntVector.broadcast(I32, first);
        IntVector atB = IntVector.broadcast(I32, first);
        IntVector most = IntVector.zero(I32);
        IntVector more = IntVector.zero(I32);
        int row = first;
        for (int i = 0; i < rows; i++) {
            long from = at + row * stride;
            IntVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, from, LE))
                    .reinterpretAsInts()
                    .lanewise(VectorOperators.XOR, flip);
            IntVector w = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, from + next, LE))
                    .reinterpretAsInts()
                    .lanewise(VectorOperators.XOR, flip);
            most = v.and(Integer.MAX_VALUE).max(most);
            more = w.and(Integer.MAX_VALUE).max(more);
            FloatVector c = v.reinterpretAsFloats();
            FloatVector d = w.reinterpretAsFloats();
            VectorMask<Float> isC = c.compare(VectorOperators.GT, a);
            VectorMask<Float> isD = d.compare(VectorOperators.GT, b);
            a = FLOATS.cast(a).blend(c, isC);
            b = FLOATS.cast(b).blend(d, isD);
            atA = INTS.cast(atA).blend(row, isC.cast(I32));
            atB = INTS.cast(atB).blend(row, isD.cast(I32));
            row += step;
        }
        INTS.cast(atA).intoMemorySegment(found, 0, LE);
        INTS.cast(atB).intoMemorySegment(found, VECTOR, LE);
        INTS.cast(most).intoMemorySegment(found, 2 * VECTOR, LE);
        INTS.cast(more).intoMemorySegment(found, 3 * VECTOR, LE);
    }
}
