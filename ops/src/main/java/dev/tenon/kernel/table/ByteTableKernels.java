package dev.tenon.kernel.table;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.quant.ByteTableProblem;
import dev.tenon.kernel.scalar.quant.ScalarByteTable;
import dev.tenon.kernel.x64.byteconv.X64ByteTable;
import dev.tenon.kernel.x64.gemm.RequantizedRows;
import dev.tenon.op.fused.ByteTable;
import java.util.List;

/** Kernels of functions of bytes. Tables of another size run through the reference. */
public final class ByteTableKernels {
    /** The kernels of the family. */
    public static final KernelTable<ByteTableProblem> TABLE = new KernelTable<>(
            "table_i8",
            List.of(
                    new KernelChoice<>(
                            "table_i8_x64",
                            (p, c) -> RequantizedRows.bits(c) == 0 ? "the assembled tier is off" : null,
                            (p, c) -> X64ByteTable.of(p, RequantizedRows.bits(c))),
                    KernelChoice.fallback("table_i8_scalar", ScalarByteTable::new)));

    /** The lowerings of the family. */
    static final KernelSet SET = KernelSet.empty().with(ByteTable.class, (op, step) -> prepare(step));

    private ByteTableKernels() {}

    private static Kernel prepare(KernelRequest step) {
        long[] table = step.dims(1);
        boolean fits = step.isRowMajor() && table.length == 1 && table[0] == ByteTableProblem.ENTRIES;
        long size = step.inputs().getFirst().shape().knownElements();
        return fits ? TABLE.prepare(new ByteTableProblem(size), step.capabilities()) : null;
    }
}
