package dev.tenon.kernel.vector.norm;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.norm.SumNormProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Normalisation of sums of rows of float32 by vectors. For each row it copies the rows that are gathered from tables,
 * adds the terms, and normalises the sum while it is in the cache.
 */
public final class VectorSumNorm implements Kernel {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int LANES = SimdSpecies.LANES;
    private static final long STEP = (long) LANES * Float.BYTES;
    private static final long CACHE_LINE = 64;
    private static final long PART_ELEMENTS = 32 << 10;
    private static final long ELEMENTS_PER_NANO = 4;
    private static final long ROW_NANOS = 60;

    private final SumNormProblem p;
    private final SumNormProblem.Term[] terms;
    private final VectorNorm norm;
    private final RowPartition split;
    private final long rowBytes;

    /** Bytes of a row that fill whole vectors. */
    private final long bodyBytes;

    /** Bytes of a row, rounded up to whole cache lines. */
    private final long rowScratch;

    private VectorSumNorm(SumNormProblem p) {
        this.p = p;
        this.terms = p.terms().toArray(new SumNormProblem.Term[0]);
        this.norm = new VectorNorm(p.norm());
        this.split = RowPartition.of(p.norm().rows(), p.norm().length(), PART_ELEMENTS);
        this.rowBytes = p.norm().length() * Float.BYTES;
        this.bodyBytes = rowBytes - rowBytes % STEP;
        this.rowScratch = Math.ceilDiv(rowBytes, CACHE_LINE) * CACHE_LINE;
    }

    /**
     * Makes the kernel.
     *
     * @param p the problem, which names the operands
     * @return the kernel
     */
    public static Kernel of(SumNormProblem p) {
        return new VectorSumNorm(p);
    }

    @Override
    public String id() {
        return "sum_norm_f32_vector" + SimdSpecies.BITS;
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return split.maxPartRows() * (terms.length * p.norm().length() / ELEMENTS_PER_NANO + ROW_NANOS);
    }

    /** {@inheritDoc} That is a cache line for the normalisation, and two rows for the operands of one addition. */
    @Override
    public long scratchBytes() {
        return CACHE_LINE + 2 * rowScratch;
    }

    @Override
    public boolean inPlace(int input, int output) {
        return p.inPlace(input, output);
    }

    @Override
    public boolean copiesOnly(int input) {
        return p.isTable(input);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment y = operands[p.norm().output()];
        MemorySegment sum = p.sum() ? operands[p.norm().output() + 1] : y;
        MemorySegment bias = p.norm().bias() ? operands[1] : null;
        long last = split.start(to);
        for (long row = split.start(from); row < last; row++) {
            sum(operands, scratch, row, sum);
            norm.row(sum, y, row * rowBytes, operands[0], bias, scratch);
        }
    }

    /** Adds up the terms of a row. Intermediate sums are stored where the result is. */
    private void sum(MemorySegment[] operands, MemorySegment scratch, long row, MemorySegment sum) {
        long at = row * rowBytes;
        SumNormProblem.Term first = terms[0];
        long a = termOffset(operands, first, row, scratch, CACHE_LINE);
        MemorySegment from = first.isGathered() ? scratch : operands[first.operand()];
        if (terms.length == 1) {
            MemorySegment.copy(from, a, sum, at, rowBytes);
            return;
        }
        for (int i = 1; i < terms.length; i++) {
            SumNormProblem.Term term = terms[i];
            long b = termOffset(operands, term, row, scratch, CACHE_LINE + rowScratch);
            MemorySegment with = term.isGathered() ? scratch : operands[term.operand()];
            add(from, a, with, b, sum, at);
            from = sum;
            a = at;
        }
    }

    /**
     * Returns the byte offset of the row of a term. Copies the row to an offset of the scratch memory first, if it is
     * gathered.
     */
    private long termOffset(
            MemorySegment[] operands, SumNormProblem.Term term, long row, MemorySegment scratch, long place) {
        if (!term.isGathered()) {
            return term.rowIndex(row) * rowBytes;
        }
        MemorySegment table = operands[term.operand()];
        MemorySegment.copy(table, term.tableRow(operands, row) * rowBytes, scratch, place, rowBytes);
        return place;
    }

    /** Adds two rows. */
    private void add(MemorySegment x, long a, MemorySegment y, long b, MemorySegment sum, long at) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        sum = NATIVE.cast(sum);
        for (long i = 0; i < bodyBytes; i += STEP) {
            FLOATS.cast(FloatVector.fromMemorySegment(F32, x, a + i, LE))
                    .add(FloatVector.fromMemorySegment(F32, y, b + i, LE))
                    .intoMemorySegment(sum, at + i, LE);
        }
        for (long i = bodyBytes; i < rowBytes; i += Float.BYTES) {
            sum.set(SCALAR, at + i, x.get(SCALAR, a + i) + y.get(SCALAR, b + i));
        }
    }
}
