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

/** Cases of {@link GlobalAveragePool}. */
public final class GlobalAveragePoolCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("image", new GlobalAveragePool(), steps(13, 2, 2, 2, 3))
                        .expect(f32(dims(2, 2, 1, 1), 1, -2.5f, 0.5f, -0.8333333f)),
                OpCase.of("one axis", new GlobalAveragePool(), steps(11, 1, 3, 4))
                        .expect(f32(dims(1, 3, 1), -0.25f, 0.25f, -2)),
                OpCase.of("three axes", new GlobalAveragePool(), steps(11, 1, 2, 2, 1, 3))
                        .expect(f32(dims(1, 2, 1, 1, 1), 0.33333334f, -1.6666666f)),
                OpCase.of("no axes", new GlobalAveragePool(), f32(dims(1, 2), 3, 4))
                        .expect(f32(dims(1, 2), 3, 4)),
                OpCase.of("NaN", new GlobalAveragePool(), f32(dims(1, 2, 2), Float.NaN, 1, 2, 3))
                        .expect(f32(dims(1, 2, 1), Float.NaN, 2.5f)),
                OpCase.of("infinity", new GlobalAveragePool(), f32(dims(1, 1, 2), Float.NEGATIVE_INFINITY, 1))
                        .expect(f32(dims(1, 1, 1), Float.NEGATIVE_INFINITY)),
                OpCase.of("no pixels", new GlobalAveragePool(), f32(dims(1, 2, 0)))
                        .expect(f32(dims(1, 2, 1), Float.NaN, Float.NaN)),
                OpCase.of("no instances", new GlobalAveragePool(), f32(dims(0, 2, 3)))
                        .expect(f32(dims(0, 2, 1))),
                OpCase.of("float16", new GlobalAveragePool(), reals(DType.FLOAT16, dims(1, 1, 3), 1, 2, 6))
                        .expect(reals(DType.FLOAT16, dims(1, 1, 1), 3)),
                OpCase.of("float64", new GlobalAveragePool(), reals(DType.FLOAT64, dims(1, 1, 3), 1, 2, 7))
                        .expect(reals(DType.FLOAT64, dims(1, 1, 1), 3.3333333333333335)),
                OpCase.of("random", new GlobalAveragePool(), random(DType.FLOAT32, 1, 2, 3, 5, 7)),
                OpCase.of("vector", new GlobalAveragePool(), f32(dims(3), 1, 2, 3))
                        .fails("rank 2 or more"));
    }
}
