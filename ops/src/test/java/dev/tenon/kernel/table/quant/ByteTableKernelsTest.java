package dev.tenon.kernel.table.quant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.fused.ByteTable;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Profile;
import dev.tenon.testkit.Tails;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Kernels of functions of bytes against the reference. */
class ByteTableKernelsTest {
    private static void check(long size, DType from, DType to) {
        List<Tensor> operands =
                List.of(Literals.random(from, size, size), Literals.random(to, size + 1, ByteTable.SIZE));
        ByteTable op = new ByteTable();
        assertThat(KernelCheck.run(CoreKernels.set(), op, operands, 1, Capabilities.SCALAR))
                .isEqualTo("table_i8_scalar");
        for (Capabilities machine : Profile.ofEachByteProduct()) {
            assertThat(KernelCheck.run(CoreKernels.set(), op, operands, 1, machine))
                    .startsWith("table_i8_avx");
        }
    }

    @Test
    void sizesAroundEveryTail() {
        for (int size : Tails.sizes()) {
            check(size, DType.UINT8, DType.INT8);
            check(size + 1000L, DType.INT8, DType.UINT8);
            check(size + (1 << 16), DType.UINT8, DType.UINT8);
        }
        check(0, DType.INT8, DType.INT8);
    }
}
