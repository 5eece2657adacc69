package dev.tenon.kernel.table.quant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.contrib.QLinearAdd;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Profile;
import dev.tenon.testkit.Tails;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Kernels of sums of bytes against the reference, bit for bit. */
class QuantizedSumKernelsTest {
    private static void check(long size, boolean signed, boolean zeros, float scale, int seed) {
        DType type = signed ? DType.INT8 : DType.UINT8;
        List<Datum> operands = new ArrayList<>(Arrays.asList(
                Literals.random(type, seed, size),
                Tensor.scalar(0.5f),
                zeros ? Literals.random(type, seed + 1) : null,
                Literals.random(type, seed + 2, size),
                Tensor.scalar(0.25f),
                zeros ? Literals.random(type, seed + 3) : null,
                Tensor.scalar(scale),
                zeros ? Literals.random(type, seed + 4) : null));
        String plain = KernelCheck.run(CoreKernels.set(), new QLinearAdd(), operands, 1, Capabilities.SCALAR);
        assertThat(plain).isEqualTo("sum_i8_scalar");
        for (Capabilities machine : Profile.ofEachByteProduct()) {
            String id = KernelCheck.run(CoreKernels.set(), new QLinearAdd(), operands, 1, machine);
            assertThat(id).startsWith("sum_").doesNotContain("scalar");
        }
    }

    @Test
    void sizesAroundEveryTail() {
        for (int size : Tails.sizes()) {
            for (int more : new int[] {0, 64, 1 << 16}) {
                check(size + more, size % 2 == 0, more == 64, more == 64 ? 0.5f : 0.7f, size);
            }
        }
        check(0, true, true, 1, 1);
    }

    @Test
    void sumsThatAreTooLargeSaturate() {
        for (float scale : new float[] {1e-3f, 1e-12f, Float.MIN_VALUE, Float.POSITIVE_INFINITY, -0.3f}) {
            check(200, true, true, scale, 3);
            check(200, false, true, scale, 4);
            check(200, false, false, scale, 5);
        }
    }
}
