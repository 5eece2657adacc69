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
 * Sums of all elements up to each one down columns of float32 that lie side by side, a lane for each, two vectors of
 * columns at a time. The last vectors overlap those before them.
 *
 * <p>A sum carries along what its roundings have lost, so that columns may be long: D. Knuth, The Art of Computer
 * Programming, volume 2, section 4.2.2, theorem B. What is lost is NaN from where a sum has left the range of numbers:
 * such columns are left to plain loops. The limit is the eight additions a vector, about as many as a core has time for
 * while it copies a vector within the second-level cache; rows that lie a power of two apart fall into few sets of the
 * first-level cache and take twice as long.
 */
public final class VectorColumnPrefixSum implements Kernel {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final int LANES = SimdSpecies.LANES;
    private static final int TOGETHER = 2 * LANES;
    private static final long PART_ELEMENTS = 64 << 10;
    private static final long ELEMENTS_PER_NANO = 5;
    private static final long BLOCK_NANOS = 20;

    /** What sums start from: one element each, as one that they share would be kept as an object. */
    private static final float[] ZEROS = new float[4];

    private final PrefixSumProblem p;
    private final long blocks;
    private final RowPartition split;

    private VectorColumnPrefixSum(PrefixSumProblem p) {
        this.p = p;
        this.blocks = Math.ceilDiv(p.inner(), TOGETHER);
        this.split = RowPartition.of(p.outer() * blocks, p.length() * TOGETHER, PART_ELEMENTS);
    }

    /**
     * A kernel.
     *
     * @param p the columns, at least as many as a vector has lanes; operands are input, axis, output
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
        return split.most() * (p.length() * TOGETHER / ELEMENTS_PER_NANO + BLOCK_NANOS);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        MemorySegment y = operands[2];
        long stride = p.inner() * Float.BYTES;
        long start = p.reverse() ? (p.length() - 1) * stride : 0;
        for (long i = split.start(from); i < split.start(to); i++) {
            long left = Math.min(i % blocks * TOGETHER, p.inner() - LANES);
            long right = Math.min(left + LANES, p.inner() - LANES);
            long at = (i / blocks * p.length() * p.inner() + left) * Float.BYTES;
            long next = (right - left) * Float.BYTES;
            long step = p.reverse() ? -stride : stride;
            long lost = p.exclusive()
                    ? exclusive(x, y, at + start, next, step, p.length())
                    : inclusive(x, y, at + start, next, step, p.length());
            if (lost != 0) {
                repeat(x, y, at, lost);
                repeat(x, y, at + next, lost >>> LANES);
            }
        }
    }

    /**
     * Computes columns of a vector again in which a sum has left the range of numbers, and no others: what a column gets
     * follows from its own elements, whoever else computes it too.
     *
     * @param lost a bit for each lane, the first one lowest; those behind the lanes of a vector do not count
     */
    private void repeat(MemorySegment x, MemorySegment y, long at, long lost) {
        for (int c = 0; c < LANES; c++) {
            if ((lost >>> c & 1) != 0) {
                ScalarPrefixSum.line(x, y, at + (long) c * Float.BYTES, p);
            }
        }
    }

    /**
     * Sums with the element itself.
     *
     * @param at the byte of the first vector of columns, in the row that comes first
     * @param next bytes to the second vector
     * @param step bytes from a row to the next
     * @return a bit for each lane of both vectors, set if what its sum has lost is no number
     */
    private static long inclusive(MemorySegment x, MemorySegment y, long at, long next, long step, long rows) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector b = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector lostA = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector lostB = FloatVector.broadcast(F32, ZEROS[3]);
        for (long i = 0; i < rows; i++) {
            long place = at + i * step;
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place, LE));
            FloatVector w = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place + next, LE));
            FloatVector sumA = v.add(a);
            FloatVector sumB = w.add(b);
            FloatVector partA = sumA.sub(a);
            FloatVector partB = sumB.sub(b);
            lostA = FLOATS.cast(a).sub(sumA.sub(partA)).add(v.sub(partA)).add(lostA);
            lostB = FLOATS.cast(b).sub(sumB.sub(partB)).add(w.sub(partB)).add(lostB);
            a = sumA;
            b = sumB;
            FLOATS.cast(a).add(lostA).intoMemorySegment(y, place, LE);
            FLOATS.cast(b).add(lostB).intoMemorySegment(y, place + next, LE);
        }
        return FLOATS.cast(lostA).compare(VectorOperators.NE, lostA).toLong()
                | FLOATS.cast(lostB).compare(VectorOperators.NE, lostB).toLong() << LANES;
    }

    /** Sums without the element itself, as {@link #inclusive}. */
    private static long exclusive(MemorySegment x, MemorySegment y, long at, long next, long step, long rows) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        FloatVector a = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector b = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector lostA = FloatVector.broadcast(F32, ZEROS[2]);
        FloatVector lostB = FloatVector.broadcast(F32, ZEROS[3]);
        for (long i = 0; i < rows; i++) {
            long place = at + i * step;
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place, LE));
            FloatVector w = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place + next, LE));
            FLOATS.cast(a).add(lostA).intoMemorySegment(y, place, LE);
            FLOATS.cast(b).add(lostB).intoMemorySegment(y, place + next, LE);
            FloatVector sumA = v.add(a);
            FloatVector sumB = w.add(b);
            FloatVector partA = sumA.sub(a);
            FloatVector partB = sumB.sub(b);
            lostA = FLOATS.cast(a).sub(sumA.sub(partA)).add(v.sub(partA)).add(lostA);
            lostB = FLOATS.cast(b).sub(sumB.sub(partB)).add(w.sub(partB)).add(lostB);
            a = sumA;
            b = sumB;
        }
        return FLOATS.cast(lostA).compare(VectorOperators.NE, lostA).toLong()
                | FLOATS.cast(lostB).compare(VectorOperators.NE, lostB).toLong() << LANES;
    }
}
