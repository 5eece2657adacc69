package dev.tenon.kernel.table.gemm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Op;
import dev.tenon.op.fused.BFloat16MatMul;
import dev.tenon.op.fused.DynamicQuantizedMatMul;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.Fused.Part;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Relu;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.Literals;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Products with weights of fewer bits, saved by a machine that has them, on a machine that lacks them. */
class ScalarReducedGemmTest {
    private static final int[] DEPTHS = {1, 2, 3, 4, 5, 63, 600};

    private static Tensor rows(long m, long k) {
        Tensor x = Literals.random(DType.FLOAT32, m, m, k);
        // One row of zeros, one with a NaN, one whose range overflows.
        for (long i = 0; i < k && m > 3; i++) {
            x.setDouble(i, 0);
        }
        if (m > 3) {
            x.setDouble(k, Double.NaN);
            x.setDouble(2 * k, Float.MAX_VALUE);
            x.setDouble(3 * k - 1, -Float.MAX_VALUE);
        }
        return x;
    }

    private static void check(Op op, List<? extends Datum> operands, String id) {
        assertThat(KernelCheck.run(CoreKernels.set(), op, operands, 1, true, Capabilities.SCALAR))
                .startsWith(id);
    }

    @Test
    void quantisesEachRow() {
        for (int k : DEPTHS) {
            for (int n : new int[] {1, 17, 32}) {
                Tensor w = Literals.random(DType.INT8, 2, k, n);
                Tensor scales = Literals.random(DType.FLOAT32, 3, n);
                check(new DynamicQuantizedMatMul(), List.of(rows(5, k), w, scales), "gemm_f32_as_u8_scalar");
                Fused biased = new Fused(
                        4,
                        new Part(new DynamicQuantizedMatMul(), List.of(0, 1, 2)),
                        List.of(new Part(new Add(), List.of(4, 3)), new Part(new Relu(), List.of(5))));
                Tensor bias = Literals.random(DType.FLOAT32, 4, n);
                check(biased, List.of(rows(1, k), w, scales, bias), "gemm_f32_as_u8_scalar");
            }
        }
    }

    @Test
    void roundsToBFloat16() {
        for (int k : DEPTHS) {
            Tensor x = Literals.random(DType.FLOAT32, 5, 3, k);
            check(
                    new BFloat16MatMul(),
                    List.of(x, Literals.random(DType.BFLOAT16, 6, k, 33)),
                    "gemm_f32_as_bf16_scalar");
        }
    }
}
