package dev.tenon.op.nn;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.random;
import static dev.tenon.testkit.Literals.reals;
import static dev.tenon.testkit.Literals.steps;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link GlobalMaxPool}. */
public final class GlobalMaxPoolCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("image", new GlobalMaxPool(), steps(13, 2, 2, 2, 3))
                        .expect(f32(dims(2, 2, 1, 1), 5.5f, 1.5f, 4.5f, 5.5f)),
                OpCase.of("one axis", new GlobalMaxPool(), steps(11, 1, 3, 4))
                        .expect(f32(dims(1, 3, 1), 4.5f, 3.5f, 1.5f)),
                OpCase.of("three axes", new GlobalMaxPool(), steps(11, 1, 2, 2, 1, 3))
                        .expect(f32(dims(1, 2, 1, 1, 1), 4.5f, 2.5f)),
                OpCase.of("no axes", new GlobalMaxPool(), f32(dims(1, 2), 3, 4)).expect(f32(dims(1, 2), 3, 4)),
                OpCase.of("NaN", new GlobalMaxPool(), f32(dims(1, 2, 2), Float.NaN, 1, 2, 3))
                        .expect(f32(dims(1, 2, 1), Float.NaN, 3)),
                OpCase.of("infinity", new GlobalMaxPool(), f32(dims(1, 1, 2), Float.NEGATIVE_INFINITY, 1))
                        .expect(f32(dims(1, 1, 1), 1)),
                OpCase.of("no pixels", new GlobalMaxPool(), f32(dims(1, 2, 0)))
                        .expect(f32(dims(1, 2, 1), Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY)),
                OpCase.of("no instances", new GlobalMaxPool(), f32(dims(0, 2, 3)))
                        .expect(f32(dims(0, 2, 1))),
                OpCase.of("float16", new GlobalMaxPool(), reals(DType.FLOAT16, dims(1, 1, 3), 1, 2, 6))
                        .expect(reals(DType.FLOAT16, dims(1, 1, 1), 6)),
                OpCase.of("float64", new GlobalMaxPool(), reals(DType.FLOAT64, dims(1, 1, 3), 1, 2, 7))
                        .expect(reals(DType.FLOAT64, dims(1, 1, 1), 7)),
                OpCase.of("random", new GlobalMaxPool(), random(DType.FLOAT32, 1, 2, 3, 5, 7)),
                OpCase.of("vector", new GlobalMaxPool(), f32(dims(3), 1, 2, 3)).fails("rank 2 or more"));
    }
}
