package dev.tenon.kernel.x64.norm;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.norm.NormProblem;
import dev.tenon.kernel.norm.NormProblem.Kind;
import dev.tenon.kernel.norm.SumNormProblem;
import dev.tenon.kernel.x64.OperandAddresses;
import dev.tenon.kernel.x64.VectorEmitter;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * LayerNormalization and RMSNormalization in machine code, of rows or of sums of rows. One call normalises a run of rows, each
 * of whose addresses is a fixed number of bytes after that of the row before. Rows that are gathered from tables are copied
 * first, because a table may be in a mapped file.
 */
public final class X64Norm implements Kernel {
    private static final long PART_ELEMENTS = 32 << 10;
    private static final long BLOCK_ELEMENTS = 8192;
    private static final long MAX_BLOCK_ROWS = 64;
    private static final long ELEMENTS_PER_NANO = 5;
    private static final long ROW_NANOS = 20;
    private static final long ALIGNMENT = 64;

    private final String name;
    private final NormProblem norm;
    private final SumNormProblem.Term[] terms;
    private final int scale;

    /** The index of the sum among the operands, or -1. */
    private final int sum;

    /** Whether the operands after the result are the mean and the inverse deviation. */
    private final boolean statistics;

    private final SumNormProblem problem;
    private final NativeFunction function;
    private final RowPartition split;
    private final long rowBytes;
    private final long blockRows;
    private final long entryBytes;
    private final long gatheredAt;
    private final int gathered;

    private X64Norm(String name, SumNormProblem p, int scale, boolean statistics, int bits) {
        this.name = name + "_f32_" + VectorEmitter.suffix(bits);
        this.problem = p;
        this.norm = p.norm();
        this.terms = p.terms().toArray(new SumNormProblem.Term[0]);
        this.scale = scale;
        this.sum = p.sum() ? norm.output() + 1 : -1;
        this.statistics = statistics;
        this.function = NormEmitter.function(bits);
        this.split = RowPartition.of(norm.rows(), norm.length(), PART_ELEMENTS);
        this.rowBytes = norm.length() * Float.BYTES;
        this.blockRows = Math.clamp(BLOCK_ELEMENTS / norm.length(), 1, MAX_BLOCK_ROWS);
        this.entryBytes = (NormEmitter.FIXED + terms.length) * (long) Long.BYTES;
        this.gatheredAt = NormArgument.BYTES + align(2 * entryBytes);
        int count = 0;
        for (SumNormProblem.Term term : terms) {
            count += term.isGathered() ? 1 : 0;
        }
        this.gathered = count;
    }

    private static long align(long bytes) {
        return bytes + ALIGNMENT - 1 & -ALIGNMENT;
    }

    /**
     * The kernel that normalises rows.
     *
     * @param p the problem
     * @param bits the width of vectors: 256 or 512
     * @return the kernel
     */
    public static Kernel of(NormProblem p, int bits) {
        SumNormProblem.Term rows = new SumNormProblem.Term(0, -1, 0, 1, p.rows());
        return new X64Norm("norm", new SumNormProblem(p, List.of(rows), false), 1, true, bits);
    }

    /**
     * The kernel that normalises sums of rows.
     *
     * @param p the problem
     * @param bits the width of vectors: 256 or 512
     * @return the kernel
     */
    public static Kernel of(SumNormProblem p, int bits) {
        return new X64Norm("sum_norm", p, 0, false, bits);
    }

    @Override
    public String id() {
        return name;
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return split.maxPartRows() * (terms.length * norm.length() / ELEMENTS_PER_NANO + ROW_NANOS);
    }

    @Override
    public long scratchBytes() {
        return gatheredAt + align(blockRows * gathered * rowBytes);
    }

    @Override
    public boolean inPlace(int input, int output) {
        return statistics ? input == 0 && output == 0 : problem.inPlace(input, output);
    }

    @Override
    public boolean copiesOnly(int input) {
        return problem.isTable(input);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        NormArgument.ENTRY.set(scratch, OperandAddresses.address(scratch, NormArgument.BYTES, 2 * entryBytes));
        NormArgument.TERMS.set(scratch, terms.length);
        NormArgument.LENGTH.set(scratch, norm.length());
        NormArgument.COUNT.set(scratch, (float) norm.length());
        NormArgument.SCALE.set(scratch, OperandAddresses.address(operands[scale], 0, rowBytes));
        NormArgument.BIAS.set(scratch, norm.bias() ? OperandAddresses.address(operands[scale + 1], 0, rowBytes) : 0);
        NormArgument.CENTRES.set(scratch, norm.kind() == Kind.LAYER ? 1 : 0);
        NormArgument.EPSILON.set(scratch, norm.epsilon());
        long last = split.start(to);
        try {
            for (long row = split.start(from); row < last; ) {
                long end = Math.min(last, row + runRows(row));
                enter(operands, scratch, row, end);
                NormArgument.ROWS.set(scratch, end - row);
                function.call(scratch.address());
                row = end;
            }
        } finally {
            OperandAddresses.fence(operands);
            OperandAddresses.fence(scratch);
        }
    }

    /** The rows from a given one on whose addresses are equal steps apart, at most as many as gathered rows have room. */
    private long runRows(long row) {
        long rows = gathered > 0 ? blockRows : norm.rows();
        for (SumNormProblem.Term term : terms) {
            if (!term.isGathered() && term.count() > 1) {
                rows = Math.min(
                        rows,
                        term.repeat() == 1 ? term.count() - row % term.count() : term.repeat() - row % term.repeat());
            }
        }
        return rows;
    }

    /** Writes the addresses of the first row of a run, and the steps from a row to the next. Copies gathered rows. */
    private void enter(MemorySegment[] operands, MemorySegment scratch, long row, long end) {
        long offset = row * rowBytes;
        long bytes = (end - row) * rowBytes;
        long y = OperandAddresses.address(operands[norm.output()], offset, bytes);
        put(scratch, 0, y, rowBytes);
        put(scratch, 1, sum < 0 ? y : OperandAddresses.address(operands[sum], offset, bytes), rowBytes);
        putStatistic(operands, scratch, 2, row, end);
        putStatistic(operands, scratch, 3, row, end);
        int next = 0;
        for (int i = 0; i < terms.length; i++) {
            SumNormProblem.Term term = terms[i];
            long address;
            long step;
            if (term.isGathered()) {
                long to = gatheredAt + next++ * blockRows * rowBytes;
                gather(operands, term, row, end, scratch, to);
                address = OperandAddresses.address(scratch, to, bytes);
                step = rowBytes;
            } else {
                step = term.count() > 1 && term.repeat() == 1 ? rowBytes : 0;
                address = OperandAddresses.address(
                        operands[term.operand()], term.rowIndex(row) * rowBytes, step == 0 ? rowBytes : bytes);
            }
            if (terms.length == 1 && sum >= 0) {
                MemorySegment from = term.isGathered() ? scratch : operands[term.operand()];
                for (long r = row; r < end; r++) {
                    long at = address - from.address() + (r - row) * step;
                    MemorySegment.copy(from, at, operands[sum], r * rowBytes, rowBytes);
                }
            }
            put(scratch, NormEmitter.FIXED + i, address, step);
        }
    }

    /** Writes an address of the entry, and its step. */
    private void put(MemorySegment scratch, int index, long address, long step) {
        long at = NormArgument.BYTES + (long) index * Long.BYTES;
        scratch.set(ValueLayout.JAVA_LONG, at, address);
        scratch.set(ValueLayout.JAVA_LONG, at + entryBytes, step);
    }

    private void putStatistic(MemorySegment[] operands, MemorySegment scratch, int index, long row, long end) {
        int output = norm.output() + index - 1;
        boolean wanted = statistics && output < operands.length && operands[output] != null;
        long address =
                wanted ? OperandAddresses.address(operands[output], row * Float.BYTES, (end - row) * Float.BYTES) : 0;
        put(scratch, index, address, wanted ? Float.BYTES : 0);
    }

    private void gather(
            MemorySegment[] operands, SumNormProblem.Term term, long row, long end, MemorySegment scratch, long to) {
        for (long r = row; r < end; r++) {
            long from = term.tableRow(operands, r) * rowBytes;
            MemorySegment.copy(operands[term.operand()], from, scratch, to + (r - row) * rowBytes, rowBytes);
        }
    }
}
