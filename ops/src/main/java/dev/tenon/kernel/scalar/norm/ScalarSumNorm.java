package dev.tenon.kernel.scalar.norm;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.norm.SumNormProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Normalisation of sums of rows of float32 by plain loops. The sum is computed in float32, the rest in double. */
public final class ScalarSumNorm implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_ELEMENTS = 8 << 10;
    private static final long NANOS_PER_ELEMENT = 4;

    private final SumNormProblem p;
    private final ScalarNorm norm;
    private final RowPartition split;
    private final long bytes;

    /**
     * Makes the kernel.
     *
     * @param p the problem, which names the operands
     */
    public ScalarSumNorm(SumNormProblem p) {
        this.p = p;
        this.norm = new ScalarNorm(p.norm());
        this.split = RowPartition.of(p.norm().rows(), p.norm().length(), PART_ELEMENTS);
        this.bytes = p.norm().length() * Float.BYTES;
    }

    @Override
    public String id() {
        return "sum_norm_f32_scalar";
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return split.maxPartRows() * p.norm().length() * NANOS_PER_ELEMENT;
    }

    @Override
    public long scratchBytes() {
        return bytes;
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
            for (int i = 0; i < p.terms().size(); i++) {
                add(operands, p.terms().get(i), row, i == 0, sum, scratch);
            }
            norm.row(sum, y, row * bytes, operands[0], bias);
        }
    }

    private void add(
            MemorySegment[] operands,
            SumNormProblem.Term term,
            long row,
            boolean first,
            MemorySegment sum,
            MemorySegment scratch) {
        MemorySegment data = operands[term.operand()];
        long at = term.rowIndex(row) * bytes;
        if (term.isGathered()) {
            MemorySegment.copy(data, term.tableRow(operands, row) * bytes, scratch, 0, bytes);
            data = scratch;
            at = 0;
        }
        for (long i = 0; i < bytes; i += Float.BYTES) {
            float v = data.get(F32, at + i);
            long place = row * bytes + i;
            sum.set(F32, place, first ? v : sum.get(F32, place) + v);
        }
    }
}
