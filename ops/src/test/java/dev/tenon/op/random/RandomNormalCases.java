package dev.tenon.op.random;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link RandomNormal}. */
public final class RandomNormalCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("seed", new RandomNormal(List.of(2L, 3L), DType.FLOAT32, 0, 1, 7f)),
                OpCase.of("scalar without seed", new RandomNormal(List.of(), DType.FLOAT64, -1, 1, 7f)),
                OpCase.of("empty", new RandomNormal(List.of(0L, 3L), DType.BFLOAT16, 0, 1, 7f))
                        .expect(reals(DType.BFLOAT16, dims(0, 3))),
                OpCase.of("no spread", new RandomNormal(List.of(2L), DType.FLOAT32, 2, 0, null))
                        .expect(f32(dims(2), 2, 2)));
    }
}
