package dev.tenon.kernel.table.gemm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Op;
import dev.tenon.op.fused.BFloat16MatMul;
import dev.tenon.op.fused.DynamicQuantizedMatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Profile;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Products with weights of fewer bits against the reference, around the tails of tiles and panels. Quantised
 * products are exact to the bit, since their numerics are.
 */
@Tag("assembled")
class ReducedGemmKernelsTest {
    private static final int[] ROWS = {1, 2, 6, 7, 12, 13, 25, 140};
    private static final int[] COLUMNS = {1, 15, 16, 17, 31, 32, 33, 63, 65, 130};
    private static final int[] DEPTHS = {1, 2, 3, 15, 16, 17, 64, 65, 130};

    private final Random random = new Random(28);

    @Test
    void quantisedProductsOfEveryTail() {
        for (int i = 0; i < ROWS.length; i++) {
            for (int j = 0; j < COLUMNS.length; j++) {
                int k = DEPTHS[(i + j) % DEPTHS.length];
                for (Capabilities machine : Profile.ofEachByteProduct()) {
                    if (machine.multipliesBytes()) {
                        check(
                                new DynamicQuantizedMatMul(),
                                machine,
                                floats(ROWS[i], k),
                                bytes(k, COLUMNS[j]),
                                floats(COLUMNS[j]));
                    }
                }
            }
        }
    }

    /** Vectors and tile registers have instructions of their own, and tiles hide vectors where both are there. */
    @ParameterizedTest
    @EnumSource(names = {"ZEN4", "SAPPHIRE_RAPIDS"})
    void brainProductsOfEveryTail(Profile profile) {
        Capabilities machine = profile.runnable();
        for (int i = 0; i < ROWS.length; i++) {
            for (int j = 0; j < COLUMNS.length; j++) {
                int k = DEPTHS[(i + j) % DEPTHS.length];
                check(new BFloat16MatMul(), machine, floats(ROWS[i], k), brains(k, COLUMNS[j]));
            }
        }
    }

    private void check(Op op, Capabilities machine, Tensor... inputs) {
        String id = KernelCheck.run(CoreKernels.set(), op, List.of(inputs), 1, true, machine);
        assertThat(id).startsWith(op instanceof BFloat16MatMul ? "gemm_f32_as_bf16" : "gemm_f32_as_u8");
    }

    private Tensor floats(long... dims) {
        Tensor t = Tensor.allocate(DType.FLOAT32, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, random.nextGaussian() * (i % 5 == 0 ? 10 : 1));
        }
        return t;
    }

    private Tensor brains(long... dims) {
        return Literals.normal(random, 1, DType.BFLOAT16, dims);
    }

    private Tensor bytes(long... dims) {
        Tensor t = Tensor.allocate(DType.INT8, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, random.nextInt(256) - 128);
        }
        return t;
    }
}
