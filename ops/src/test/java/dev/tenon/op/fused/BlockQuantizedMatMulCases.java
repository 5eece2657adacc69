package dev.tenon.op.fused;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link BlockQuantizedMatMul}. */
public final class BlockQuantizedMatMulCases implements OpCases {
    private static final BlockQuantizedMatMul PAIRS = new BlockQuantizedMatMul(2, 0);

    private static Tensor codes(DType type, long n, long k) {
        Tensor t = Tensor.allocate(type, n, k);
        for (long i = 0; i < t.size(); i++) {
            t.setLong(i, type.minInteger() + i * 7 % 16);
        }
        return t;
    }

    @Override
    public List<OpCase> cases() {
        Tensor a = f32(dims(1, 3), 1, 2, 3);
        Tensor four = ints(DType.UINT4, dims(2, 3), 1, 2, 3, 15, 0, 8);
        Tensor scales = f32(dims(2, 2), 1, 2, 0.5f, 4);
        return List.of(
                OpCase.of("a scale for each block", PAIRS, a, four, scales).expect(f32(dims(1, 2), 23, 103.5f)),
                OpCase.of("zero points", PAIRS, a, four, scales, ints(DType.UINT4, dims(2, 2), 8, 3, 1, 0))
                        .expect(f32(dims(1, 2), -19, 102)),
                OpCase.of("a bias", PAIRS, a, four, scales, null, f32(dims(2), 100, -100))
                        .expect(f32(dims(1, 2), 123, 3.5f)),
                OpCase.of("signed integers", PAIRS, a, ints(DType.INT4, dims(1, 3), -8, 7, -1), f32(dims(1, 2), 1, 2))
                        .expect(f32(dims(1, 1), 0)),
                OpCase.of("a vector", PAIRS, f32(dims(3), 1, 2, 3), four, scales)
                        .expect(f32(dims(2), 23, 103.5f)),
                OpCase.of("no rows", PAIRS, f32(dims(0, 3)), four, scales).expect(f32(dims(0, 2))),
                OpCase.of(
                        "random, in stacks",
                        new BlockQuantizedMatMul(16, BlockQuantizedMatMul.BYTES),
                        random(DType.FLOAT32, 1, 2, 3, 40),
                        codes(DType.UINT8, 5, 40),
                        random(DType.FLOAT32, 2, 5, 3)),
                OpCase.of("other terms", PAIRS, f32(dims(1, 2), 1, 2), four, scales)
                        .fails("3"),
                OpCase.of("scales of other blocks", PAIRS, a, four, f32(dims(2, 3), 1, 2, 3, 4, 5, 6))
                        .fails("2 scales"),
                OpCase.of("other zero points", PAIRS, a, four, scales, ints(DType.UINT4, dims(2, 3), 1, 1, 1, 1, 1, 1))
                        .fails("zero point"));
    }
}
