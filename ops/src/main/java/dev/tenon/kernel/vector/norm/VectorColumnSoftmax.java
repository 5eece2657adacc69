package dev.tenon.kernel.vector.norm;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.MemoryMoves;
import dev.tenon.kernel.RowKernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.norm.SoftmaxProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.VectorMath;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Softmax along an axis that is not the last. Each lane of a vector works on a column of its own, so that no sum crosses
 * lanes. Three loops run down a vector of columns: the first finds the greatest elements, the second adds up the exponentials
 * of the differences from them, the third computes the results. Columns that fill no vector are copied to scratch memory
 * first. A sum is NaN if an element of its column is NaN or no element is finite.
 */
public final class VectorColumnSoftmax implements RowKernel {
    /** The most elements of a line that this kernel takes. */
    public static final long MAX_ROWS = 1 << 16;

    /** A loop down a vector of columns. */
    private interface Loop {
        /**
         * Runs the loop.
         *
         * @param x the memory of the elements
         * @param at the byte offset of the first vector
         * @param y the memory of the results
         * @param to the byte offset of the first result
         * @param stride bytes from a row to the next, in both
         * @param rows the number of rows
         * @param s holds two vectors: the greatest elements, and the sums
         */
        void run(MemorySegment x, long at, MemorySegment y, long to, long stride, int rows, MemorySegment s);
    }

    private static final Loop[] SOFTMAX = {
        VectorColumnSoftmax::maxima, VectorColumnSoftmax::exponentials, VectorColumnSoftmax::scale
    };
    private static final Loop[] LOG_SOFTMAX = {
        VectorColumnSoftmax::maxima, VectorColumnSoftmax::sums, VectorColumnSoftmax::subtract
    };
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final long PART_ELEMENTS = 32 << 10;
    private static final long ELEMENTS_PER_NANO = 3;
    private static final long BLOCK_NANOS = 100;

    // Each accumulator starts from a load of its own. C2 would keep one shared zero vector as an object.
    private static final float[] ZEROS = new float[3];

    private final SoftmaxProblem p;
    private final int rows;
    private final long stride;

    /** Vectors of columns of an outer index. The last one may have fewer columns. */
    private final long blocks;

    private final Loop[] loops;
    private final RowPartition split;

    private VectorColumnSoftmax(SoftmaxProblem p) {
        this.p = p;
        rows = Math.toIntExact(p.length());
        stride = p.inner() * Float.BYTES;
        blocks = Math.ceilDiv(p.inner(), LANES);
        loops = p.log() ? LOG_SOFTMAX : SOFTMAX;
        split = RowPartition.of(p.outer() * blocks, (long) rows * LANES, PART_ELEMENTS);
    }

    /**
     * Makes the kernel.
     *
     * @param p the problem, with lines of 1 to {@link #MAX_ROWS} elements
     * @return the kernel
     */
    public static RowKernel of(SoftmaxProblem p) {
        return new VectorColumnSoftmax(p);
    }

    @Override
    public String id() {
        return "softmax_f32_columns_vector" + SimdSpecies.BITS;
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return split.maxPartRows() * ((long) rows * LANES / ELEMENTS_PER_NANO + BLOCK_NANOS);
    }

    /** {@inheritDoc} That is two vectors for the loops, and the vector of columns that is not whole. */
    @Override
    public long scratchBytes() {
        return (2L + (p.inner() % LANES == 0 ? 0 : rows)) * VECTOR;
    }

    @Override
    public boolean inPlace(int input, int output) {
        return true;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        blocks(operands[0], 0, operands[1], split.start(from), split.start(to), scratch);
    }

    @Override
    public long rows() {
        return p.outer();
    }

    @Override
    public long rowLength() {
        return p.length() * p.inner();
    }

    @Override
    public long resultLength() {
        return rowLength();
    }

    @Override
    public void run(MemorySegment x, long xAt, MemorySegment y, long first, long last, MemorySegment scratch) {
        blocks(x, xAt - first * rowLength() * Float.BYTES, y, first * blocks, last * blocks, scratch);
    }

    /**
     * Computes a range of vectors of columns.
     *
     * @param xShift the offset of an element in x less the offset of its result in y, in bytes
     */
    private void blocks(MemorySegment x, long xShift, MemorySegment y, long from, long to, MemorySegment scratch) {
        for (long i = from; i < to; i++) {
            long column = i % blocks * LANES;
            long at = (i / blocks * rowLength() + column) * Float.BYTES;
            long bytes = Math.min(LANES, p.inner() - column) * Float.BYTES;
            if (bytes == VECTOR) {
                compute(x, at + xShift, y, at, stride, scratch);
                continue;
            }
            for (int r = 0; r < rows; r++) {
                long row = (2L + r) * VECTOR;
                MemoryMoves.copy(x, at + xShift + r * stride, scratch, row, bytes);
                MemoryMoves.clear(scratch, row + bytes, VECTOR - bytes);
            }
            compute(scratch, 2 * VECTOR, scratch, 2 * VECTOR, VECTOR, scratch);
            for (int r = 0; r < rows; r++) {
                MemoryMoves.copy(scratch, (2L + r) * VECTOR, y, at + r * stride, bytes);
            }
        }
    }

    /** Runs the loops. They are called through an array, so that C2 sees many targets and does not inline any. */
    private void compute(MemorySegment x, long at, MemorySegment y, long to, long step, MemorySegment scratch) {
        for (int i = 0; i < loops.length; i++) {
            loops[i].run(x, at, y, to, step, rows, scratch);
        }
    }

    /** Finds the greatest elements, without NaN. */
    private static void maxima(
            MemorySegment x, long at, MemorySegment y, long to, long stride, int rows, MemorySegment s) {
        x = NATIVE.cast(x);
        FloatVector max = FloatVector.broadcast(F32, Float.NEGATIVE_INFINITY);
        for (int r = 0; r < rows; r++) {
            FloatVector v = FloatVector.fromMemorySegment(F32, x, at + r * stride, LE);
            max = FLOATS.cast(max).blend(v, v.compare(VectorOperators.GT, max));
        }
        FLOATS.cast(max).intoMemorySegment(s, 0, LE);
    }

    /** Writes exponentials, scaled as {@link VectorMath#scaledExp} says, and adds them up. */
    private static void exponentials(
            MemorySegment x, long at, MemorySegment y, long to, long stride, int rows, MemorySegment s) {
        addUp(x, at, y, to, stride, rows, s, true);
    }

    /** Adds up the exponentials. */
    private static void sums(
            MemorySegment x, long at, MemorySegment y, long to, long stride, int rows, MemorySegment s) {
        addUp(x, at, y, to, stride, rows, s, false);
    }

    /** Sums carry along their rounding errors, because columns may be long. */
    private static void addUp(
            MemorySegment x, long at, MemorySegment y, long to, long stride, int rows, MemorySegment s, boolean store) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        s = NATIVE.cast(s);
        FloatVector max = FloatVector.fromMemorySegment(F32, s, 0, LE);
        FloatVector sum = FloatVector.broadcast(F32, ZEROS[0]);
        FloatVector error = FloatVector.broadcast(F32, ZEROS[1]);
        FloatVector differences = FloatVector.broadcast(F32, ZEROS[2]);
        for (int r = 0; r < rows; r++) {
            FloatVector d =
                    FloatVector.fromMemorySegment(F32, x, at + r * stride, LE).sub(max);
            FloatVector e = VectorMath.scaledExp(d);
            if (store) {
                e.intoMemorySegment(y, to + r * stride, LE);
            }
            FloatVector next = e.add(sum);
            FloatVector part = next.sub(sum);
            error = FLOATS.cast(sum).sub(next.sub(part)).add(e.sub(part)).add(error);
            sum = next;
            differences = d.add(differences);
        }
        FLOATS.cast(sum)
                .add(error)
                .blend(differences, FLOATS.cast(differences).compare(VectorOperators.NE, differences))
                .intoMemorySegment(s, VECTOR, LE);
    }

    /**
     * Divides elements by the sums. It multiplies by rounded reciprocals, which takes one division for each column instead of
     * one for each element, and may err by one more ulp.
     */
    private static void scale(
            MemorySegment x, long at, MemorySegment y, long to, long stride, int rows, MemorySegment s) {
        y = NATIVE.cast(y);
        FloatVector factor = FloatVector.broadcast(F32, 1f).div(FloatVector.fromMemorySegment(F32, s, VECTOR, LE));
        for (int r = 0; r < rows; r++) {
            FloatVector.fromMemorySegment(F32, y, to + r * stride, LE)
                    .mul(factor)
                    .intoMemorySegment(y, to + r * stride, LE);
        }
    }

    /** Subtracts the maxima and the logarithms of the sums. Undoes the scaling of {@link VectorMath#scaledExp}. */
    private static void subtract(
            MemorySegment x, long at, MemorySegment y, long to, long stride, int rows, MemorySegment s) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        FloatVector max = FloatVector.fromMemorySegment(F32, s, 0, LE);
        FloatVector log =
                VectorMath.log(FloatVector.fromMemorySegment(F32, s, VECTOR, LE).mul((float) VectorMath.UNSCALE));
        for (int r = 0; r < rows; r++) {
            FloatVector.fromMemorySegment(F32, x, at + r * stride, LE)
                    .sub(max)
                    .sub(log)
                    .intoMemorySegment(y, to + r * stride, LE);
        }
    }
}
