package dev.tenon.op.fused;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link BFloat16MatMul}. */
public final class BFloat16MatMulCases implements OpCases {
    private static final BFloat16MatMul OP = new BFloat16MatMul();

    private static Tensor brain(long[] dims, double... values) {
        Tensor t = Tensor.allocate(DType.BFLOAT16, dims);
        for (int i = 0; i < values.length; i++) {
            t.setDouble(i, values[i]);
        }
        return t;
    }

    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("two matrices", OP, f32(dims(1, 2), 1, 2), brain(dims(2, 3), 3, 5, -1, 4, 6, 0.5))
                        .expect(f32(dims(1, 3), 11, 17, 0)),
                // 257 is between the BF16 numbers 256 and 258, and 256 is the even one.
                OpCase.of("operands are rounded", OP, f32(dims(1, 1), 257), brain(dims(1, 1), 1))
                        .expect(f32(dims(1, 1), 256)),
                OpCase.of("a vector", OP, f32(dims(2), 1, 2), brain(dims(2, 1), 3, 4))
                        .expect(f32(dims(1), 11)),
                OpCase.of("no rows", OP, f32(dims(0, 2)), brain(dims(2, 1), 3, 4))
                        .expect(f32(dims(0, 1))),
                OpCase.of(
                        "random, one matrix for a stack",
                        OP,
                        random(DType.FLOAT32, 1, 3, 5, 41),
                        random(DType.BFLOAT16, 2, 41, 37)),
                OpCase.of("other terms", OP, linear(0, 1, 2, 3), brain(dims(2, 1), 3, 4))
                        .fails("3"));
    }
}
