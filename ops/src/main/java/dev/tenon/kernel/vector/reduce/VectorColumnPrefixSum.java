package dev.tenon.kernel.vector.reduce;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.reduce.PrefixSumProblem;
import dev.tenon.kernel.scalar.reduce.ScalarPrefixSum;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Prefix sums of float32 along an axis that is not the last. Each lane of a vector works on a column of its own. A
 * block is two vectors of columns. The last vectors of a row overlap those before them.
 *
 * <p>A sum carries along its rounding errors, so that columns may be long (compensated summation: D. Knuth, The Art of
 * Computer Programming, volume 2, section 4.2.2, theorem B). The rounding error becomes NaN if a sum leaves the range
 * of float32; plain loops then compute such a column again.
 */
public final class VectorColumnPrefixSum implements Kernel {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final int LANES = SimdSpecies.LANES;
    private static final int BLOCK_COLUMNS = 2 * LANES;
    private static final long PART_ELEMENTS = 64 << 10;
    private static final long ELEMENTS_PER_NANO = 5;
    private static final long BLOCK_NANOS = 20;

    /** Each accumulator starts from a load of its own element. C2 would keep one shared zero vector as an object. */
    private static final float[] ZEROS = new float[4];

    private final PrefixSumProblem p;

    /** Blocks of an outer index. */
    private final long blocks;

    private final RowPartition split;

    private VectorColumnPrefixSum(PrefixSumProblem p) {
        this.p = p;
        this.blocks = Math.ceilDiv(p.inner(), BLOCK_COLUMNS);
        this.split = RowPartition.of(p.outer() * blocks, p.length() * BLOCK_COLUMNS, PART_ELEMENTS);
    }

    /**
     * Makes the kernel.
     *
     * @param p the problem, with at least as many columns as a vector has lanes
     * @return the kernel
     */
    public static Kernel of(PrefixSumProblem p) {
        return new VectorColumnPrefixSum(p);
    }

    @Override
    public String id() {
        return "prefix_sum_f32_columns_vector" + SimdSpecies.BITS;
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return split.maxPartRows() * (p.length() * BLOCK_COLUMNS / ELEMENTS_PER_NANO + BLOCK_NANOS);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        MemorySegment y = operands[2];
        long stride = p.inner() * Float.BYTES;
        long start = p.reverse() ? (p.length() - 1) * stride : 0;
        for (long i = split.start(from); i < split.start(to); i++) {
            long left = Math.min(i % blocks * BLOCK_COLUMNS, p.inner() - LANES);
            long right = Math.min(left + LANES, p.inner() - LANES);
            long at = (i / blocks * p.length() * p.inner() + left) * Float.BYTES;
            long next = (right - left) * Float.BYTES;
            long step = p.reverse() ? -stride : stride;
            long overflows = p.exclusive()
                    ? exclusive(x, y, at + start, next, step, p.length())
                    : inclusive(x, y, at + start, next, step, p.length());
            if (overflows != 0) {
                recompute(x, y, at, overflows);
                recompute(x, y, at + next, overflows >>> LANES);
            }
        }
    }

    /**
     * Computes columns of a vector again, and no others: the bits of a column must not depend on its neighbours.
     *
     * @param columns a bit for each lane, that of the first lane lowest; higher bits are ignored
     */
    private void recompute(MemorySegment x, MemorySegment y, long at, long columns) {
        for (int c = 0; c < LANES; c++) {
            if ((columns >>> c & 1) != 0) {
                ScalarPrefixSum.line(x, y, at + (long) c * Float.BYTES, p);
            }
        }
    }

    /**
     * Computes sums that include the element itself.
     *
     * @param at the byte offset of the first vector in the row that comes first
     * @param next bytes from the first vector to the second
     * @param step bytes from a row to the next; negative if sums start at the last row
     * @return a bit for each lane of both vectors, set if the sum has left the range of float32
     */
    private static long inclusive(MemorySegment x, MemorySegment y, long at, long next, long step, long rows) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector b = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector errorA = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector errorB = FloatVector.broadcast(F32, ZEROS[3]);
        for (long i = 0; i < rows; i++) {
            long place = at + i * step;
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place, LE));
            FloatVector w = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place + next, LE));
            FloatVector sumA = v.add(a);
            FloatVector sumB = w.add(b);
            FloatVector partA = sumA.sub(a);
            FloatVector partB = sumB.sub(b);
            errorA = FLOATS.cast(a).sub(sumA.sub(partA)).add(v.sub(partA)).add(errorA);
            errorB = FLOATS.cast(b).sub(sumB.sub(partB)).add(w.sub(partB)).add(errorB);
            a = sumA;
            b = sumB;
            FLOATS.cast(a).add(errorA).intoMemorySegment(y, place, LE);
            FLOATS.cast(b).add(errorB).intoMemorySegment(y, place + next, LE);
        }
        return FLOATS.cast(errorA).compare(VectorOperators.NE, errorA).toLong()
                | FLOATS.cast(errorB).compare(VectorOperators.NE, errorB).toLong() << LANES;
    }

    /** Computes sums that leave out the element itself, with the parameters of {@link #inclusive}. */
    private static long exclusive(MemorySegment x, MemorySegment y, long at, long next, long step, long rows) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector b = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector errorA = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector errorB = FloatVector.broadcast(F32, ZEROS[3]);
        for (long i = 0; i < rows; i++) {
            long place = at + i * step;
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place, LE));
            FloatVector w = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place + next, LE));
            FLOATS.cast(a).add(errorA).intoMemorySegment(y, place, LE);
            FLOATS.cast(b).add(errorB).intoMemorySegment(y, place + next, LE);
            FloatVector sumA = v.add(a);
            FloatVector sumB = w.add(b);
            FloatVector partA = sumA.sub(a);
            FloatVector partB = sumB.sub(b);
            errorA = FLOATS.cast(a).sub(sumA.sub(partA)).add(v.sub(partA)).add(errorA);
            errorB = FLOATS.cast(b).sub(sumB.sub(partB)).add(w.sub(partB)).add(errorB);
            a = sumA;
            b = sumB;
        }
        return FLOATS.cast(errorA).compare(VectorOperators.NE, errorA).toLong()
                | FLOATS.cast(errorB).compare(VectorOperators.NE, errorB).toLong() << LANES;
    }
}
