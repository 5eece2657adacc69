package dev.tenon.kernel.vector.norm;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.copy.GatherProblem;
import dev.tenon.kernel.norm.SumNormProblem;
import dev.tenon.kernel.vector.PlainRows;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Normalisation of sums of rows of float32, a row at a time: rows of tables are copied from where they lie, the terms are
 * added while the row stays in the cache, then it is normalised.
 */
public final class VectorSumNorm implements Kernel {
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT;
    private static final int LANES = SimdSpecies.LANES;
    private static final long STEP = (long) LANES * Float.BYTES;
    private static final long LINE = 64;
    private static final long PART_ELEMENTS = 32 << 10;
    private static final long ELEMENTS_PER_NANO = 4;
    private static final long ROW_NANOS = 60;

    private final SumNormProblem p;
    private final SumNormProblem.Term[] terms;
    private final VectorNorm norm;
    private final RowPartition split;
    private final long bytes;
    private final long body;
    private final long rowScratch;

    private VectorSumNorm(SumNormProblem p) {
        this.p = p;
        this.terms = p.terms().toArray(new SumNormProblem.Term[0]);
        this.norm = new VectorNorm(p.norm());
        this.split = RowPartition.of(p.norm().rows(), p.norm().length(), PART_ELEMENTS);
        this.bytes = p.norm().length() * Float.BYTES;
        this.body = bytes - bytes % STEP;
        this.rowScratch = Math.ceilDiv(bytes, LINE) * LINE;
    }

    /**
     * A kernel.
     *
     * @param p the rows; operands are as it says
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
        return split.most() * (terms.length * p.norm().length() / ELEMENTS_PER_NANO + ROW_NANOS);
    }

    /** The scratch of the normalisation, and two rows of tables that are added at once. */
    @Override
    public long scratchBytes() {
        return LINE + 2 * rowScratch;
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
            norm.row(sum, y, row * bytes, operands[0], bias, scratch);
        }
    }

    private void sum(MemorySegment[] operands, MemorySegment scratch, long row, MemorySegment sum) {
        long at = row * bytes;
        SumNormProblem.Term first = terms[0];
        long a = start(operands, first, row, scratch, LINE);
        MemorySegment from = first.gathered() ? scratch : operands[first.operand()];
        if (terms.length == 1) {
            MemorySegment.copy(from, a, sum, at, bytes);
            return;
        }
        for (int i = 1; i < terms.length; i++) {
            SumNormProblem.Term term = terms[i];
            long b = start(operands, term, row, scratch, LINE + rowScratch);
            MemorySegment with = term.gathered() ? scratch : operands[term.operand()];
            add(from, a, with, b, sum, at);
            from = sum;
            a = at;
        }
    }

    /** The offset of a term's row, which is copied to the scratch memory if it comes from a table. */
    private long start(
            MemorySegment[] operands, SumNormProblem.Term term, long row, MemorySegment scratch, long place) {
        long number = term.number(row);
        if (!term.gathered()) {
            return number * bytes;
        }
        MemorySegment indices = operands[term.operand() + 1];
        long index = term.indexBytes() == Long.BYTES
                ? indices.get(ValueLayout.JAVA_LONG, number * Long.BYTES)
                : indices.get(ValueLayout.JAVA_INT, number * Integer.BYTES);
        MemorySegment table = operands[term.operand()];
        MemorySegment.copy(table, GatherProblem.place(index, term.tableRows()) * bytes, scratch, place, bytes);
        return place;
    }

    private void add(MemorySegment x, long a, MemorySegment y, long b, MemorySegment sum, long at) {
        if (!NormWarmUps.SUM_OF_ROWS.over()) {
            PlainRows.add(x, a, 1, y, b, 1, sum, at, (int) p.norm().length());
            return;
        }
        addVectors(x, a, y, b, sum, at, body);
        for (long i = body; i < bytes; i += Float.BYTES) {
            sum.set(SCALAR, at + i, x.get(SCALAR, a + i) + y.get(SCALAR, b + i));
        }
    }

    static void addVectors(MemorySegment x, long a, MemorySegment y, long b, MemorySegment sum, long at, long body) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        sum = NATIVE.cast(sum);
        for (long i = 0; i < body; i += STEP) {
            FLOATS.cast(FloatVector.fromMemorySegment(F32, x, a + i, LE))
                    .add(FloatVector.fromMemorySegment(F32, y, b + i, LE))
                    .intoMemorySegment(sum, at + i, LE);
        }
    }
}
