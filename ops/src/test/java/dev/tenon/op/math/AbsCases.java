package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Abs}. */
public final class AbsCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Abs(),
                OpCase.of(
                                "known values",
                                new Abs(),
                                f32(
                                        dims(11),
                                        -3f,
                                        -1f,
                                        -0.5f,
                                        0f,
                                        0.25f,
                                        1f,
                                        2.5f,
                                        20f,
                                        Float.POSITIVE_INFINITY,
                                        Float.NEGATIVE_INFINITY,
                                        Float.NaN))
                        .expect(f32(
                                dims(11),
                                3f,
                                1f,
                                0.5f,
                                0f,
                                0.25f,
                                1f,
                                2.5f,
                                20f,
                                Float.POSITIVE_INFINITY,
                                Float.POSITIVE_INFINITY,
                                Float.NaN)),
                OpCase.of("least integer", new Abs(), ints(DType.INT8, dims(3), -128, 127, -1))
                        .expect(ints(DType.INT8, dims(3), -128, 127, 1)),
                OpCase.of("unsigned", new Abs(), ints(DType.UINT64, dims(2), -1, 5))
                        .expect(ints(DType.UINT64, dims(2), -1, 5)));
    }
}
