package dev.tenon.op.tabular;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Normalizer}. */
public final class NormalizerCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("by the greatest", new Normalizer("MAX"), f32(dims(2, 2), 1, 4, -2, -8))
                        .expect(f32(dims(2, 2), 0.25f, 1, 1, 4)),
                OpCase.of("by the sum", new Normalizer("L1"), f32(dims(2, 3), 1, -1, 2, 0, 0, 8))
                        .expect(f32(dims(2, 3), 0.25f, -0.25f, 0.5f, 0, 0, 1)),
                OpCase.of("by the length", new Normalizer("L2"), f32(dims(2, 2), 3, -4, 0, -2))
                        .expect(f32(dims(2, 2), 0.6f, -0.8f, 0, -1)),
                OpCase.of("zeros stay", new Normalizer("L2"), f32(dims(2, 2), 0, 0, 3, 4))
                        .expect(f32(dims(2, 2), 0, 0, 0.6f, 0.8f)),
                OpCase.of("greatest zero", new Normalizer("MAX"), f32(dims(1, 2), 0, -3))
                        .expect(f32(dims(1, 2), 0, -3)),
                OpCase.of("a vector is a row", new Normalizer("L1"), i64(dims(2), 1, 3))
                        .expect(f32(dims(2), 0.25f, 0.75f)),
                OpCase.of("doubles", new Normalizer("L2"), reals(DType.FLOAT64, dims(1, 2), 3e200, 4e200))
                        .expect(f32(dims(1, 2), 0, 0)),
                OpCase.of("int32", new Normalizer("MAX"), ints(DType.INT32, dims(1, 2), 2, 4))
                        .expect(f32(dims(1, 2), 0.5f, 1)),
                OpCase.of("rank 3", new Normalizer("MAX"), f32(dims(1, 1, 1), 1))
                        .fails("rank 1 or rank 2"));
    }
}
