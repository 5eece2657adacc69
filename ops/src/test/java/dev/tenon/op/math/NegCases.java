package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Neg}. */
public final class NegCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Neg(),
                OpCase.of(
                                "known values",
                                new Neg(),
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
                                -0.25f,
                                -1f,
                                -2.5f,
                                -20f,
                                Float.NEGATIVE_INFINITY,
                                Float.POSITIVE_INFINITY,
                                Float.NaN)),
                OpCase.of("least integer", new Neg(), ints(DType.INT32, dims(3), Integer.MIN_VALUE, 127, 0))
                        .expect(ints(DType.INT32, dims(3), Integer.MIN_VALUE, -127, 0)));
    }
}
