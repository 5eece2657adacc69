package dev.tenon.kernel.x64.norm;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.copy.GatherProblem;
import dev.tenon.kernel.norm.NormProblem;
import dev.tenon.kernel.norm.NormProblem.Kind;
import dev.tenon.kernel.norm.SumNormProblem;
import dev.tenon.kernel.x64.Operands;
import dev.tenon.kernel.x64.VectorEmitter;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * LayerNormalization and RMSNormalization in machine code, of rows or of sums of rows. One call normalises a block of rows.
 * Rows that are gathered from tables are copied first, because a table may be in a mapped file.
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
    private final long gatheredStep;
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
        this.gatheredAt = NormArgument.BYTES + align(blockRows * entryBytes);
        this.gatheredStep = align(rowBytes);
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
        return gatheredAt + blockRows * gathered * gatheredStep;
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
        NormArgument.ENTRIES.set(scratch, Operands.address(scratch, NormArgument.BYTES, blockRows * entryBytes));
        NormArgument.TERMS.set(scratch, terms.length);
        NormArgument.LENGTH.set(scratch, norm.length());
        NormArgument.COUNT.set(scratch, (float) norm.length());
        NormArgument.SCALE.set(scratch, Operands.address(operands[scale], 0, rowBytes));
        NormArgument.BIAS.set(scratch, norm.bias() ? Operands.address(operands[scale + 1], 0, rowBytes) : 0);
        NormArgument.CENTRES.set(scratch, norm.kind() == Kind.LAYER ? 1 : 0);
        NormArgument.EPSILON.set(scratch, norm.epsilon());
        long last = split.start(to);
        try {
            for (long row = split.start(from); row < last; row += blockRows) {
                long end = Math.min(last, row + blockRows);
                for (long r = row; r < end; r++) {
                    enter(operands, scratch, r, NormArgument.BYTES + (r - row) * entryBytes, (r - row) * gathered);
                }
                NormArgument.ROWS.set(scratch, end - row);
                function.call(scratch.address());
            }
        } finally {
            Operands.fence(operands);
            Operands.fence(scratch);
        }
    }

    /** Writes the entry of a row. Gathered rows are copied to places of the scratch memory from a given one on. */
    private void enter(MemorySegment[] operands, MemorySegment scratch, long row, long at, long place) {
        long offset = row * rowBytes;
        long y = Operands.address(operands[norm.output()], offset, rowBytes);
        put(scratch, at, y);
        put(scratch, at + Long.BYTES, sum < 0 ? y : Operands.address(operands[sum], offset, rowBytes));
        put(scratch, at + 2 * Long.BYTES, statistic(operands, norm.output() + 1, row));
        put(scratch, at + 3 * Long.BYTES, statistic(operands, norm.output() + 2, row));
        long next = place;
        for (int i = 0; i < terms.length; i++) {
            SumNormProblem.Term term = terms[i];
            long address;
            if (term.isGathered()) {
                long to = gatheredAt + next++ * gatheredStep;
                gather(operands, term, row, scratch, to);
                address = Operands.address(scratch, to, rowBytes);
            } else {
                address = Operands.address(operands[term.operand()], term.rowIndex(row) * rowBytes, rowBytes);
            }
            if (terms.length == 1 && sum >= 0) {
                MemorySegment from = term.isGathered() ? scratch : operands[term.operand()];
                MemorySegment.copy(from, address - from.address(), operands[sum], offset, rowBytes);
            }
            put(scratch, at + (NormEmitter.FIXED + i) * (long) Long.BYTES, address);
        }
    }

    private static void put(MemorySegment scratch, long at, long address) {
        scratch.set(ValueLayout.JAVA_LONG, at, address);
    }

    private long statistic(MemorySegment[] operands, int output, long row) {
        boolean wanted = statistics && output < operands.length && operands[output] != null;
        return wanted ? Operands.address(operands[output], row * Float.BYTES, Float.BYTES) : 0;
    }

    private void gather(MemorySegment[] operands, SumNormProblem.Term term, long row, MemorySegment scratch, long to) {
        long rowIndex = term.rowIndex(row);
        MemorySegment indices = operands[term.operand() + 1];
        long index = term.indexBytes() == Long.BYTES
                ? indices.get(ValueLayout.JAVA_LONG, rowIndex * Long.BYTES)
                : indices.get(ValueLayout.JAVA_INT, rowIndex * Integer.BYTES);
        long from = GatherProblem.resolve(index, term.tableRows()) * rowBytes;
        MemorySegment.copy(operands[term.operand()], from, scratch, to, rowBytes);
    }
}
