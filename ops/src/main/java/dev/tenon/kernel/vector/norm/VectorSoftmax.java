package dev.tenon.kernel.vector.norm;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.RowKernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.norm.SoftmaxProblem;
import dev.tenon.kernel.vector.LaneSums;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.VectorMath;
import dev.tenon.kernel.vector.reduce.RowReductions;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Softmax along the last axis of float32. Three loops run over each row while it is in the cache: the first finds the greatest
 * element, the second adds up the exponentials of the differences from it, the third computes the results. The elements after
 * the last whole vector are copied to a vector that is filled up with negative infinity, which changes no sum. A row whose
 * greatest element is not finite is NaN.
 */
public final class VectorSoftmax implements RowKernel {
    /** A loop over whole vectors. */
    private interface Loop {
        /**
         * Runs the loop.
         *
         * @param x the memory of the elements
         * @param at the byte offset of the first element
         * @param y the memory of the results
         * @param to the byte offset of the first result
         * @param bytes the size of the elements
         * @param number the greatest element of the row, or the number that the loop applies to all elements
         * @param sums receives a vector of partial sums, if the loop adds up
         */
        void run(MemorySegment x, long at, MemorySegment y, long to, long bytes, float number, MemorySegment sums);
    }

    private static final int EXPONENTIALS = 0;
    private static final int SUMS_ONLY = 1;
    private static final int SCALE = 2;
    private static final int SUBTRACT = 3;
    private static final Loop[] LOOPS = {
        VectorSoftmax::exponentials, VectorSoftmax::sums, VectorSoftmax::scale, VectorSoftmax::subtract
    };
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int LANES = SimdSpecies.LANES;
    private static final long VECTOR = (long) LANES * Float.BYTES;
    private static final long PART_ELEMENTS = 32 << 10;
    private static final long ELEMENTS_PER_NANO = 3;
    private static final long ROW_NANOS = 40;

    /** The bytes that are added up in float32; the sums of such pieces are added up in double. */
    private static final long PIECE = 128 * VECTOR;

    // Each accumulator starts from a load of its own. C2 would keep one shared zero vector as an object.
    private static final float[] ZEROS = new float[2];

    private final SoftmaxProblem p;
    private final RowPartition split;

    /** Bytes of a row, and of its whole vectors. */
    private final long rowBytes;

    private final long bodyBytes;

    private VectorSoftmax(SoftmaxProblem p) {
        this.p = p;
        split = RowPartition.of(p.outer(), p.length(), PART_ELEMENTS);
        rowBytes = p.length() * Float.BYTES;
        bodyBytes = rowBytes - rowBytes % VECTOR;
    }

    /**
     * Makes the kernel.
     *
     * @param p the problem, with inner 1
     * @return the kernel
     */
    public static RowKernel of(SoftmaxProblem p) {
        return new VectorSoftmax(p);
    }

    @Override
    public String id() {
        return "softmax_f32_vector" + SimdSpecies.BITS;
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return split.maxPartRows() * (p.length() / ELEMENTS_PER_NANO + ROW_NANOS);
    }

    /** {@inheritDoc} That is a vector of sums, and a vector for the elements after the last whole vector. */
    @Override
    public long scratchBytes() {
        return 2 * VECTOR;
    }

    @Override
    public boolean inPlace(int input, int output) {
        return true;
    }

    @Override
    public long rows() {
        return p.outer();
    }

    @Override
    public long rowLength() {
        return p.length();
    }

    @Override
    public long resultLength() {
        return p.length();
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        long first = split.start(from);
        run(operands[0], first * rowBytes, operands[1], first, split.start(to), scratch);
    }

    @Override
    public void run(MemorySegment x, long xAt, MemorySegment y, long first, long last, MemorySegment scratch) {
        for (long row = first; row < last; row++) {
            row(x, xAt + (row - first) * rowBytes, y, row * rowBytes, scratch);
        }
    }

    private void row(MemorySegment x, long at, MemorySegment y, long to, MemorySegment scratch) {
        float max = RowReductions.max(x, at, p.length());
        int loop = p.log() ? SUMS_ONLY : EXPONENTIALS;
        long tail = rowBytes - bodyBytes;
        double sum = Float.isFinite(max) ? 0 : Double.NaN;
        for (long i = 0; i < bodyBytes; i += PIECE) {
            run(loop, x, at + i, y, to + i, Math.min(PIECE, bodyBytes - i), max, scratch);
            sum += LaneSums.sum(scratch, 0);
        }
        if (tail > 0) {
            for (long i = 0; i < VECTOR; i += Float.BYTES) {
                float v = i < tail ? x.get(SCALAR, at + bodyBytes + i) : Float.NEGATIVE_INFINITY;
                scratch.set(SCALAR, VECTOR + i, v);
            }
            run(loop, scratch, VECTOR, scratch, VECTOR, VECTOR, max, scratch);
            sum += LaneSums.sum(scratch, 0);
        }
        if (p.log()) {
            finish(SUBTRACT, x, at, y, to, max, scratch);
            finish(SUBTRACT, y, to, y, to, (float) Math.log(sum * VectorMath.UNSCALE), scratch);
        } else {
            finish(SCALE, y, to, y, to, (float) (1 / sum), scratch);
        }
        MemorySegment.copy(scratch, VECTOR, y, to + bodyBytes, tail);
    }

    /** Runs a loop over a row, and over the vector that holds the elements after the last whole one. */
    private void finish(
            int loop, MemorySegment x, long at, MemorySegment y, long to, float number, MemorySegment scratch) {
        run(loop, x, at, y, to, bodyBytes, number, scratch);
        run(loop, scratch, VECTOR, scratch, VECTOR, bodyBytes < rowBytes ? VECTOR : 0, number, scratch);
    }

    /** Runs a loop. All loops are called from here, so that C2 sees a call with many targets and does not inline any. */
    private static void run(
            int loop,
            MemorySegment x,
            long at,
            MemorySegment y,
            long to,
            long bytes,
            float number,
            MemorySegment sums) {
        LOOPS[loop].run(x, at, y, to, bytes, number, sums);
    }

    /** Writes exponentials, scaled as {@link VectorMath#scaledExp} says, and adds them up. */
    private static void exponentials(
            MemorySegment x, long at, MemorySegment y, long to, long bytes, float max, MemorySegment sums) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        FloatVector sum = FloatVector.broadcast(F32, ZEROS[0]);
        for (long i = 0; i < bytes; i += VECTOR) {
            FloatVector d = FloatVector.fromMemorySegment(F32, x, at + i, LE).sub(max);
            FloatVector e = VectorMath.scaledExp(d);
            e.intoMemorySegment(y, to + i, LE);
            sum = e.add(sum);
        }
        FLOATS.cast(sum).intoMemorySegment(sums, 0, LE);
    }

    /** Adds up exponentials, scaled as {@link VectorMath#scaledExp} says. */
    private static void sums(
            MemorySegment x, long at, MemorySegment y, long to, long bytes, float max, MemorySegment sums) {
        x = NATIVE.cast(x);
        FloatVector sum = FloatVector.broadcast(F32, ZEROS[1]);
        for (long i = 0; i < bytes; i += VECTOR) {
            FloatVector d = FloatVector.fromMemorySegment(F32, x, at + i, LE).sub(max);
            sum = VectorMath.scaledExp(d).add(sum);
        }
        FLOATS.cast(sum).intoMemorySegment(sums, 0, LE);
    }

    private static void scale(
            MemorySegment x, long at, MemorySegment y, long to, long bytes, float factor, MemorySegment unused) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long i = 0; i < bytes; i += VECTOR) {
            FloatVector.fromMemorySegment(F32, x, at + i, LE).mul(factor).intoMemorySegment(y, to + i, LE);
        }
    }

    private static void subtract(
            MemorySegment x, long at, MemorySegment y, long to, long bytes, float number, MemorySegment unused) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        for (long i = 0; i < bytes; i += VECTOR) {
            FloatVector.fromMemorySegment(F32, x, at + i, LE).sub(number).intoMemorySegment(y, to + i, LE);
        }
    }
}
