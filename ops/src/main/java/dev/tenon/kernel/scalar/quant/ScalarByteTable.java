package dev.tenon.kernel.scalar.quant;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.quant.ByteTableProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Looks bytes up in a table, one after the other. */
public final class ScalarByteTable implements Kernel {
    private static final long PART_ELEMENTS = 1 << 16;
    private static final int BYTE = 0xFF;

    private final RowPartition partition;

    /**
     * The kernel of a problem.
     *
     * @param p the problem
     */
    public ScalarByteTable(ByteTableProblem p) {
        partition = RowPartition.of(p.size(), 1, PART_ELEMENTS);
    }

    @Override
    public String id() {
        return "table_i8_scalar";
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return partition.maxPartRows();
    }

    @Override
    public boolean inPlace(int input, int output) {
        return input == 0;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        for (long i = partition.start(from); i < partition.start(to); i++) {
            int index = operands[0].get(ValueLayout.JAVA_BYTE, i) & BYTE;
            operands[2].set(ValueLayout.JAVA_BYTE, i, operands[1].get(ValueLayout.JAVA_BYTE, index));
        }
    }
}
