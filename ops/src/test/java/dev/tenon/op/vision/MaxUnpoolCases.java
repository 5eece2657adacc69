package dev.tenon.op.vision;

import static dev.tenon.testkit.Literals.axes;
import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link MaxUnpool}. */
public final class MaxUnpoolCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "plain",
                                MaxUnpool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2, 2})
                                        .with("strides", new long[] {2, 2})),
                                f32(dims(1, 1, 2, 2), 5, 6, 7, 8),
                                i64(dims(1, 1, 2, 2), 5, 7, 13, 15))
                        .expect(f32(dims(1, 1, 4, 4), 0, 0, 0, 0, 0, 5, 0, 6, 0, 0, 0, 0, 0, 7, 0, 8)),
                OpCase.of(
                                "output shape",
                                MaxUnpool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2, 2})
                                        .with("strides", new long[] {2, 2})),
                                f32(dims(1, 1, 2, 2), 5, 6, 7, 8),
                                i64(dims(1, 1, 2, 2), 5, 7, 13, 15),
                                axes(1, 1, 5, 5))
                        .expect(f32(dims(1, 1, 5, 5), "0 0 0 0 0 0 5 0 6 0 0 0 0 0 0 0 7 0 8 0 0 0 0 0 0")),
                OpCase.of(
                                "pads",
                                MaxUnpool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {3, 3})
                                        .with("strides", new long[] {2, 2})
                                        .with("pads", new long[] {1, 1, 1, 1})),
                                f32(dims(1, 1, 2, 2), 5, 6, 7, 8),
                                i64(dims(1, 1, 2, 2), 0, 2, 6, 8))
                        .expect(f32(dims(1, 1, 3, 3), 5, 0, 6, 0, 0, 0, 7, 0, 8)),
                OpCase.of(
                                "one axis",
                                MaxUnpool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2})
                                        .with("strides", new long[] {2})),
                                f32(dims(1, 1, 2), 1, 2),
                                i64(dims(1, 1, 2), 1, 2))
                        .expect(f32(dims(1, 1, 4), 0, 1, 2, 0)),
                OpCase.of(
                                "float64",
                                MaxUnpool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2})
                                        .with("strides", new long[] {2})),
                                reals(DType.FLOAT64, dims(1, 1, 2), 1, 2),
                                i64(dims(1, 1, 2), 1, 2))
                        .expect(reals(DType.FLOAT64, dims(1, 1, 4), 0, 1, 2, 0)),
                OpCase.of(
                                "no instances",
                                MaxUnpool.of(Attributes.none().with("kernel_shape", new long[] {2})),
                                f32(dims(0, 1, 2)),
                                i64(dims(0, 1, 2)))
                        .expect(f32(dims(0, 1, 3))),
                OpCase.of(
                                "index outside",
                                MaxUnpool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2})
                                        .with("strides", new long[] {2})),
                                f32(dims(1, 1, 2), 1, 2),
                                i64(dims(1, 1, 2), 1, 4))
                        .fails("'I' holds 4; allowed [0, 3]"),
                OpCase.of(
                                "negative index",
                                MaxUnpool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2})
                                        .with("strides", new long[] {2})),
                                f32(dims(1, 1, 2), 1, 2),
                                i64(dims(1, 1, 2), -1, 0))
                        .fails("'I' holds -1"),
                OpCase.of(
                                "output shape too small",
                                MaxUnpool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2, 2})
                                        .with("strides", new long[] {2, 2})),
                                f32(dims(1, 1, 2, 2), 5, 6, 7, 8),
                                i64(dims(1, 1, 2, 2), 5, 7, 13, 15),
                                axes(1, 1, 3, 5))
                        .fails("at least [1, 1, 4, 4]"),
                OpCase.of(
                                "shapes differ",
                                MaxUnpool.of(Attributes.none().with("kernel_shape", new long[] {2, 2})),
                                f32(dims(1, 1, 2, 2), 5, 6, 7, 8),
                                i64(dims(1, 1, 1, 2), 1, 2))
                        .fails("dimension 2 of X and of I: 2 and 1 differ"));
    }
}
