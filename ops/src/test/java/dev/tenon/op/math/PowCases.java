package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Pow}. */
public final class PowCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.binary(
                new Pow(),
                OpCase.of(
                                "known values",
                                new Pow(),
                                f32(dims(8), 2f, -2f, -2f, 9f, -8f, 0f, 0f, 2.5f),
                                f32(dims(8), 10f, 3f, 2f, 0.5f, 0.33333334f, 0f, -1f, -1.5f))
                        .expect(f32(dims(8), 1024f, -8f, 4f, 3f, Float.NaN, 1f, Float.POSITIVE_INFINITY, 0.2529822f)),
                OpCase.of(
                                "integers, of which the last do not fit",
                                new Pow(),
                                ints(DType.INT32, dims(9), 3, -2, -1, 0, 0, 46340, -2, 46341, -3),
                                ints(DType.INT32, dims(9), 4, 3, 99, 0, 7, 2, 31, 2, 22))
                        .expect(ints(
                                DType.INT32,
                                dims(9),
                                81,
                                -8,
                                -1,
                                1,
                                0,
                                2147395600,
                                Integer.MIN_VALUE,
                                Integer.MIN_VALUE,
                                Integer.MIN_VALUE)),
                OpCase.of(
                                "long integers, of which the last do not fit",
                                new Pow(),
                                i64(dims(5), 3, -2, 10, 10, -3),
                                i64(dims(5), 39, 63, 18, 19, 41))
                        .expect(i64(
                                dims(5),
                                4052555153018976267L,
                                Long.MIN_VALUE,
                                1000000000000000000L,
                                Long.MIN_VALUE,
                                Long.MIN_VALUE)),
                OpCase.of(
                                "exponents of integers that are no natural numbers",
                                new Pow(),
                                ints(DType.INT32, dims(5), 2, 9, 0, 10, -8),
                                f32(dims(5), -1, 0.5f, -1, 10, 0.5f))
                        .expect(ints(
                                DType.INT32, dims(5), 0, 3, Integer.MIN_VALUE, Integer.MIN_VALUE, Integer.MIN_VALUE)),
                OpCase.of(
                                "exponent 2 for all",
                                new Pow(),
                                f32(dims(8), 4f, 2.25f, 0f, -0f, Float.POSITIVE_INFINITY, Float.NaN, 1e-20f, 7f),
                                f32(dims(), 2f))
                        .expect(f32(dims(8), 16f, 5.0625f, 0f, 0f, Float.POSITIVE_INFINITY, Float.NaN, 1e-40f, 49f)),
                OpCase.of(
                                "exponent 3 for all",
                                new Pow(),
                                f32(dims(8), 4f, 2.25f, 0f, -0f, Float.POSITIVE_INFINITY, Float.NaN, 1e-20f, 7f),
                                f32(dims(), 3f))
                        .expect(f32(dims(8), 64f, 11.390625f, 0f, -0f, Float.POSITIVE_INFINITY, Float.NaN, 0f, 343f)),
                OpCase.of(
                                "exponent 0.5 for all",
                                new Pow(),
                                f32(dims(8), 4f, 2.25f, 0f, -0f, Float.POSITIVE_INFINITY, Float.NaN, 1e-20f, 7f),
                                f32(dims(), 0.5f))
                        .expect(f32(dims(8), 2f, 1.5f, 0f, 0f, Float.POSITIVE_INFINITY, Float.NaN, 1e-10f, 2.6457512f)),
                OpCase.of(
                                "exponent -0.5 for all",
                                new Pow(),
                                f32(dims(8), 4f, 2.25f, 0f, -0f, Float.POSITIVE_INFINITY, Float.NaN, 1e-20f, 7f),
                                f32(dims(), -0.5f))
                        .expect(f32(dims(8), "0.5 0.6666667 Infinity Infinity 0 NaN 10000000000 0.37796447")),
                OpCase.of(
                                "exponent -1 for all",
                                new Pow(),
                                f32(dims(8), 4f, 2.25f, 0f, -0f, Float.POSITIVE_INFINITY, Float.NaN, 1e-20f, 7f),
                                f32(dims(), -1f))
                        .expect(f32(dims(8), "0.25 0.44444445 Infinity -Infinity 0 NaN 1e+20 0.14285715")),
                OpCase.of(
                                "exponent 1.7 for all",
                                new Pow(),
                                f32(dims(8), 4f, 2.25f, 0f, -0f, Float.POSITIVE_INFINITY, Float.NaN, 1e-20f, 7f),
                                f32(dims(), 1.7f))
                        .expect(f32(dims(8), "10.556064 3.969267 0 0 Infinity NaN 9.999978e-35 27.331703")),
                OpCase.of("integer powers", new Pow(), i64(dims(5), 2, -3, 3, 2, -1), i64(dims(5), 10, 3, 39, -1, -3))
                        .expect(i64(dims(5), 1024, -27, 4052555153018976267L, 0, -1)),
                OpCase.of(
                                "powers of 1 and -1 that are not finite",
                                new Pow(),
                                f32(dims(6), 1f, 1f, 1f, -1f, -1f, -1f),
                                f32(dims(6), "NaN Infinity -Infinity NaN Infinity -Infinity"))
                        .expect(f32(dims(6), 1f, 1f, 1f, Float.NaN, 1f, 1f)),
                OpCase.of("1 to NaN", new Pow(), Tensor.of(new double[] {1, -1}), Tensor.scalar(Double.NaN))
                        .expect(Tensor.of(new double[] {1, Double.NaN})),
                OpCase.of("integer to a float", new Pow(), i64(dims(2), 2, 9), f32(dims(2), 3.5f, 0.5f))
                        .expect(i64(dims(2), 11, 3)),
                OpCase.of("float to an integer", new Pow(), f32(dims(3), 1.5f, 2f, -2f), i64(dims(3), 2, -2, 3))
                        .expect(f32(dims(3), 2.25f, 0.25f, -8f)));
    }
}
