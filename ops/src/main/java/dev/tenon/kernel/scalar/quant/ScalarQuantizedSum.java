package dev.tenon.kernel.scalar.quant;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.quant.QuantizedSumProblem;
import dev.tenon.kernel.quant.SumTerms;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Sums of bytes, one after the other. */
public final class ScalarQuantizedSum implements Kernel {
    private static final long PART_ELEMENTS = 1 << 16;
    private static final int BYTE = 0xFF;

    private final QuantizedSumProblem p;
    private final RowPartition partition;

    /**
     * The kernel of a problem.
     *
     * @param p the problem
     */
    public ScalarQuantizedSum(QuantizedSumProblem p) {
        this.p = p;
        partition = RowPartition.of(p.size(), 1, PART_ELEMENTS);
    }

    @Override
    public String id() {
        return "sum_i8_scalar";
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return 2 * partition.maxPartRows();
    }

    @Override
    public boolean inPlace(int input, int output) {
        return input == 0 || input == QuantizedSumProblem.SECOND;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment a = operands[0];
        MemorySegment b = operands[QuantizedSumProblem.SECOND];
        MemorySegment y = operands[p.output()];
        float first = SumTerms.factor(operands, 1);
        float second = SumTerms.factor(operands, QuantizedSumProblem.SECOND + 1);
        float fixed = SumTerms.fixed(p, operands);
        int least = p.signed() ? Byte.MIN_VALUE : 0;
        for (long i = partition.start(from); i < partition.start(to); i++) {
            float sum = integer(a, i) * first + (integer(b, i) * second + fixed);
            double rounded = Math.rint(sum);
            y.set(ValueLayout.JAVA_BYTE, i, (byte) (rounded >= least ? Math.min(rounded, least + BYTE) : least));
        }
    }

    private int integer(MemorySegment m, long at) {
        byte value = m.get(ValueLayout.JAVA_BYTE, at);
        return p.signed() ? value : value & BYTE;
    }
}
