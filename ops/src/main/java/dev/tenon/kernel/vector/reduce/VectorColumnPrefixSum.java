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
 * block is a vector of columns. The last vector of a row overlaps the one before it.
 *
 * <p>A sum carries along its rounding errors, so that columns may be long (compensated summation: D. Knuth, The Art of
 * Computer Programming, volume 2, section 4.2.2, theorem B). The rounding error becomes NaN if a sum leaves the range
 * of float32; plain loops then compute such a column again.
 */
public final class VectorColumnPrefixSum implements Kernel {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final int LANES = SimdSpecies.LANES;
    private static final long PART_ELEMENTS = 64 << 10;
    private static final long ELEMENTS_PER_NANO = 5;
    private static final long BLOCK_NANOS = 20;

    /** Each accumulator starts from a load of its own element. C2 would keep one shared zero vector as an object. */
    private static final float[] ZEROS = new float[2];

    private final PrefixSumProblem p;

    /** Blocks of an outer index. */
    private final long blocks;

    private final RowPartition split;

    private VectorColumnPrefixSum(PrefixSumProblem p) {
        this.p = p;
        this.blocks = Math.ceilDiv(p.inner(), LANES);
        this.split = RowPartition.of(p.outer() * blocks, p.length() * LANES, PART_ELEMENTS);
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
        return split.maxPartRows() * (p.length() * LANES / ELEMENTS_PER_NANO + BLOCK_NANOS);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment x = operands[0];
        MemorySegment y = operands[2];
        long stride = p.inner() * Float.BYTES;
        for (long i = split.start(from); i < split.start(to); i++) {
            long column = Math.min(i % blocks * LANES, p.inner() - LANES);
            long at = (i / blocks * p.length() * p.inner() + column) * Float.BYTES;
            long overflows = p.reverse()
                    ? sums(x, y, at + (p.length() - 1) * stride, -stride, p.length(), p.exclusive())
                    : sums(x, y, at, stride, p.length(), p.exclusive());
            // Only these columns: the bits of a column must not depend on its neighbours.
            for (int c = 0; overflows >>> c != 0; c++) {
                if ((overflows >>> c & 1) != 0) {
                    ScalarPrefixSum.line(x, y, at + (long) c * Float.BYTES, p);
                }
            }
        }
    }

    /**
     * Computes the sums of a vector of columns.
     *
     * @param at the byte offset of the vector in the row that comes first
     * @param step bytes from a row to the next; negative if sums start at the last row
     * @param exclusive whether a sum leaves out the element itself
     * @return a bit for each lane, set if the sum has left the range of float32
     */
    private static long sums(MemorySegment x, MemorySegment y, long at, long step, long rows, boolean exclusive) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        FloatVector sum = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector error = FloatVector.broadcast(F32, ZEROS[1]);
        for (long i = 0; i < rows; i++) {
            long place = at + i * step;
            FloatVector v = FLOATS.cast(FloatVector.fromMemorySegment(F32, x, place, LE));
            FloatVector before = FLOATS.cast(sum).add(error);
            FloatVector next = v.add(sum);
            FloatVector part = next.sub(sum);
            error = FLOATS.cast(sum).sub(next.sub(part)).add(v.sub(part)).add(error);
            sum = next;
            FLOATS.cast(exclusive ? before : next.add(error)).intoMemorySegment(y, place, LE);
        }
        return FLOATS.cast(error).compare(VectorOperators.NE, error).toLong();
    }
}
