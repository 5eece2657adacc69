package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Shrink}. */
public final class ShrinkCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("defaults", new Shrink(0.5f, 0), linear(-2, 0.5, 9))
                        .expect(f32(dims(9), -2, -1.5f, -1, 0, 0, 0, 1, 1.5f, 2)),
                OpCase.of("bias", new Shrink(1.5f, 1.5f), linear(-2, 0.5, 9))
                        .expect(f32(dims(9), -0.5f, 0, 0, 0, 0, 0, 0, 0, 0.5f)),
                OpCase.of("int32", new Shrink(1, 1), ints(DType.INT32, dims(5), -3, -1, 0, 1, 3))
                        .expect(ints(DType.INT32, dims(5), -2, 0, 0, 0, 2)),
                OpCase.of("half a bias of integers", new Shrink(1, 0.5f), ints(DType.INT64, dims(2), -3, 3))
                        .expect(i64(dims(2), -2, 2)),
                OpCase.of("uint64, a fraction", new Shrink(1, 1.5f), ints(DType.UINT64, dims(2), -1, 4))
                        .expect(ints(DType.UINT64, dims(2), -3, 2)),
                OpCase.of("int64, a fraction", new Shrink(0.5f, 2.5f), ints(DType.INT64, dims(4), -3, 2, 9, -9))
                        .expect(ints(DType.INT64, dims(4), 0, 0, 6, -6)),
                OpCase.of("uint64", new Shrink(1, 1), ints(DType.UINT64, dims(2), -1, 1))
                        .expect(ints(DType.UINT64, dims(2), -2, 0)),
                OpCase.of(
                                "NaN and infinity",
                                new Shrink(0.5f, 1),
                                f32(dims(3), Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY))
                        .expect(f32(dims(3), 0, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY)),
                OpCase.of("float16", new Shrink(0.5f, 0.25f), random(DType.FLOAT16, 1, 17)),
                OpCase.of("double scalar", new Shrink(0.5f, 0.25f), Tensor.scalar(1.0))
                        .expect(Tensor.scalar(0.75)),
                OpCase.of("bfloat16", new Shrink(0.5f, 0.25f), random(DType.BFLOAT16, 1, 5)));
    }
}
