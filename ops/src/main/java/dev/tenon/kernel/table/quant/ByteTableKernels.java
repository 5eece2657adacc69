package dev.tenon.kernel.table.quant;

import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.quant.ByteTableProblem;
import dev.tenon.kernel.scalar.quant.ScalarByteTable;
import dev.tenon.kernel.x64.byteconv.X64ByteTable;
import dev.tenon.kernel.x64.gemm.RequantizedRows;
import dev.tenon.op.Op;
import java.util.List;

/** Kernels of functions of bytes. Tables of another size run through the reference. */
public final class ByteTableKernels implements KernelFamily<ByteTableProblem> {
    /** The kernels of the family. */
    public static final KernelTable<ByteTableProblem> TABLE = new KernelTable<>(
            "table_i8",
            List.of(
                    new KernelChoice<>(
                            "table_i8_x64",
                            (p, c) -> RequantizedRows.bits(c) == 0 ? "the assembled tier is off" : null,
                            (p, c) -> X64ByteTable.of(p, RequantizedRows.bits(c))),
                    KernelChoice.fallback("table_i8_scalar", ScalarByteTable::new)));

    /** The family. */
    public static final ByteTableKernels FAMILY = new ByteTableKernels();

    private ByteTableKernels() {}

    @Override
    public KernelTable<ByteTableProblem> table(ByteTableProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<ByteTableProblem> problem(Op op, KernelRequest step) {
        long[] table = step.dims(1);
        boolean fits = step.isRowMajor() && table.length == 1 && table[0] == ByteTableProblem.ENTRIES;
        return fits
                ? ProblemOrReason.of(
                        new ByteTableProblem(step.inputs().getFirst().shape().knownElements()))
                : ProblemOrReason.none("the table has not " + ByteTableProblem.ENTRIES + " entries");
    }
}
