package dev.tenon.kernel.table.gemm;

import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.Tier;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sums of products of bytes stay exact at the limit of what a float32 holds, just below it and just above. */
@Tag("tiers")
class IntegerGemmDepthTest {
    private static final int TERMS = 600;

    private static Tensor filled(DType type, int value, long... dims) {
        Tensor t = Tensor.allocate(type, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setLong(i, value);
        }
        return t;
    }

    /** 600 products of 255 and 109 are below 2<sup>24</sup>; with 110 they are above. */
    @ParameterizedTest
    @ValueSource(ints = {109, 110, 127, -109, -110, -128})
    void sumsAreExact(int weight) {
        Tensor x = filled(DType.UINT8, 255, 3, TERMS);
        Tensor w = filled(DType.INT8, weight, TERMS, 5);
        w.setLong(7, weight / 2);
        x.setLong(1, 254);
        KernelCheck.run(CoreKernels.set(), new MatMulInteger(), List.of(x, w), 1, true, Tier.capabilities());
    }
}
