package dev.tenon.op.random;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link RandomNormalLike}. */
public final class RandomNormalLikeCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("type of the input", new RandomNormalLike(null, 0, 1, 7f), random(DType.FLOAT16, 1, 2, 3)),
                OpCase.of("another type", new RandomNormalLike(DType.FLOAT64, 2, 3, 7f), i64(dims(2), 1, 2)),
                OpCase.of("empty", new RandomNormalLike(DType.FLOAT32, 2, 3, null), i64(dims(0, 2)))
                        .expect(f32(dims(0, 2))),
                OpCase.of("no spread", new RandomNormalLike(null, 2, 0, null), f32(dims(2), 5, 6))
                        .expect(f32(dims(2), 2, 2)),
                OpCase.of("integers without type", new RandomNormalLike(null, 0, 1, 7f), i64(dims(2), 1, 2))
                        .fails("give dtype"));
    }
}
