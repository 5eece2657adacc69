package dev.tenon.op.reduce;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.random;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link ArgMax}. */
public final class ArgMaxCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("first axis", new ArgMax(0, true, false), f32(dims(2, 4), 1, 3, 3, 1, -2, -2, 5, 5))
                        .expect(i64(dims(1, 4), 0, 0, 1, 1)),
                OpCase.of(
                                "last axis, first of equals",
                                new ArgMax(-1, true, false),
                                f32(dims(2, 4), 1, 3, 3, 1, -2, -2, 5, 5))
                        .expect(i64(dims(2, 1), 1, 2)),
                OpCase.of(
                                "last axis, last of equals",
                                new ArgMax(1, true, true),
                                f32(dims(2, 4), 1, 3, 3, 1, -2, -2, 5, 5))
                        .expect(i64(dims(2, 1), 2, 3)),
                OpCase.of("dropped", new ArgMax(1, false, false), f32(dims(2, 4), 1, 3, 3, 1, -2, -2, 5, 5))
                        .expect(i64(dims(2), 1, 2)),
                OpCase.of(
                                "middle axis",
                                new ArgMax(1, true, false),
                                f32(dims(2, 3, 2), 1, -2, 0.5f, 4, -3, 0.25f, 2, 1, -6, 0.125f, 5, -2))
                        .expect(i64(dims(2, 1, 2), 0, 1, 2, 0)),
                OpCase.of("vector dropped to a scalar", new ArgMax(0, false, false), f32(dims(3), 2, 1, 3))
                        .expect(i64(dims(), 2)),
                OpCase.of(
                                "NaN wins",
                                new ArgMax(0, true, false),
                                f32(dims(4), 1, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY))
                        .expect(i64(dims(1), 1)),
                OpCase.of("first NaN", new ArgMax(0, true, false), f32(dims(3), Float.NaN, 1, Float.NaN))
                        .expect(i64(dims(1), 0)),
                OpCase.of("last NaN", new ArgMax(0, true, true), f32(dims(3), Float.NaN, 1, Float.NaN))
                        .expect(i64(dims(1), 2)),
                OpCase.of("zeros of either sign are equal", new ArgMax(0, true, false), f32(dims(2), 0, -0f))
                        .expect(i64(dims(1), 0)),
                OpCase.of("i32", new ArgMax(0, true, false), ints(DType.INT32, dims(3), -5, 2147483647, -2147483648))
                        .expect(i64(dims(1), 1)),
                OpCase.of("u64", new ArgMax(0, true, false), ints(DType.UINT64, dims(3), -9223372036854775808L, 1, -1))
                        .expect(i64(dims(1), 2)),
                OpCase.of("u8", new ArgMax(0, true, false), ints(DType.UINT8, dims(3), 255, 0, 3))
                        .expect(i64(dims(1), 0)),
                OpCase.of("i16", new ArgMax(0, true, false), ints(DType.INT16, dims(3), -5, 7, 7))
                        .expect(i64(dims(1), 1)),
                OpCase.of("f16", new ArgMax(0, true, false), reals(DType.FLOAT16, dims(3), 1, 2, -3))
                        .expect(i64(dims(1), 1)),
                OpCase.of("f64", new ArgMax(0, true, false), reals(DType.FLOAT64, dims(3), 1, 2, -3))
                        .expect(i64(dims(1), 1)),
                OpCase.of("no results", new ArgMax(1, true, false), f32(dims(0, 3)))
                        .expect(i64(dims(0, 1))),
                OpCase.of("random", new ArgMax(1, true, false), random(DType.FLOAT32, 3, 4, 33)),
                OpCase.of("nothing to compare", new ArgMax(1, true, false), f32(dims(2, 0)))
                        .fails("axis 1 of shape [2,0] has no elements"),
                OpCase.of("axis outside", new ArgMax(2, true, false), f32(dims(2, 4), 1, 3, 3, 1, -2, -2, 5, 5))
                        .fails("axis 2 is outside"),
                OpCase.of("type outside", new ArgMax(0, true, false), Tensor.of(new boolean[] {true}, 1))
                        .fails("element type bool"));
    }
}
