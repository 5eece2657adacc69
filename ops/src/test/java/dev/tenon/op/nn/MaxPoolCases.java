package dev.tenon.op.nn;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.reals;
import static dev.tenon.testkit.Literals.steps;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link MaxPool}. */
public final class MaxPoolCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "plain",
                                MaxPool.of(Attributes.none().with("kernel_shape", new long[] {2, 2})),
                                steps(13, 1, 1, 4, 5))
                        .outputs(1)
                        .expect(f32(dims(1, 1, 3, 4), "5.5 3.5 4.5 4.5 5.5 2.5 2.5 3.5 4.5 4.5 5.5 5.5")),
                OpCase.of(
                                "padding",
                                MaxPool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {3, 3})
                                        .with("pads", new long[] {1, 1, 1, 1})),
                                steps(13, 1, 1, 4, 5))
                        .outputs(1)
                        .expect(f32(dims(1, 1, 4, 5), """
                                5.5 5.5 4.5 4.5 4.5
                                5.5 5.5 4.5 4.5 4.5
                                5.5 5.5 5.5 5.5 5.5
                                4.5 4.5 5.5 5.5 5.5""")),
                OpCase.of(
                                "strides",
                                MaxPool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2, 3})
                                        .with("strides", new long[] {2, 2})),
                                steps(13, 1, 1, 4, 5))
                        .outputs(1)
                        .expect(f32(dims(1, 1, 2, 2), 5.5f, 4.5f, 4.5f, 5.5f)),
                OpCase.of(
                                "dilations",
                                MaxPool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2, 2})
                                        .with("dilations", new long[] {2, 2})),
                                steps(13, 1, 1, 4, 5))
                        .outputs(1)
                        .expect(f32(dims(1, 1, 2, 3), 2.5f, 4.5f, 3.5f, 5.5f, 5.5f, -0.5f)),
                OpCase.of(
                                "same upper",
                                MaxPool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2, 2})
                                        .with("auto_pad", "SAME_UPPER")
                                        .with("strides", new long[] {2, 2})),
                                steps(13, 1, 1, 4, 5))
                        .outputs(1)
                        .expect(f32(dims(1, 1, 2, 3), 5.5f, 4.5f, -1.5f, 4.5f, 5.5f, 3.5f)),
                OpCase.of(
                                "same lower",
                                MaxPool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2, 2})
                                        .with("auto_pad", "SAME_LOWER")),
                                steps(13, 1, 1, 4, 5))
                        .outputs(1)
                        .expect(f32(dims(1, 1, 4, 5), """
                                -3.5 3.5 3.5 4.5 4.5
                                5.5 5.5 3.5 4.5 4.5
                                5.5 5.5 2.5 2.5 3.5
                                1.5 4.5 4.5 5.5 5.5""")),
                OpCase.of(
                                "valid",
                                MaxPool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2, 2})
                                        .with("auto_pad", "VALID")),
                                steps(13, 1, 1, 4, 5))
                        .outputs(1)
                        .expect(f32(dims(1, 1, 3, 4), "5.5 3.5 4.5 4.5 5.5 2.5 2.5 3.5 4.5 4.5 5.5 5.5")),
                OpCase.of(
                                "one axis, channels",
                                MaxPool.of(Attributes.none().with("kernel_shape", new long[] {3})),
                                steps(11, 2, 2, 5))
                        .outputs(1)
                        .expect(f32(dims(2, 2, 3), "4.5 4.5 3.5 2.5 2.5 2.5 4.5 4.5 4.5 3.5 2.5 2.5")),
                OpCase.of(
                                "three axes",
                                MaxPool.of(Attributes.none().with("kernel_shape", new long[] {2, 2, 2})),
                                steps(19, 1, 1, 3, 3, 3))
                        .outputs(1)
                        .expect(f32(dims(1, 1, 2, 2, 2), 8.5f, 8.5f, 8.5f, 8.5f, 8.5f, 8.5f, 8.5f, 8.5f)),
                OpCase.of(
                                "last window overhangs",
                                MaxPool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {3})
                                        .with("strides", new long[] {2})
                                        .with("ceil_mode", 1)),
                                steps(7, 1, 1, 4))
                        .expect(f32(dims(1, 1, 2), -0.5f, -0.5f)),
                OpCase.of(
                                "window that begins after the input does not count",
                                MaxPool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {1})
                                        .with("strides", new long[] {2})
                                        .with("pads", new long[] {0, 1})
                                        .with("ceil_mode", 1)),
                                f32(dims(1, 1, 2), 3, 4))
                        .expect(f32(dims(1, 1, 1), 3)),
                OpCase.of(
                                "indices",
                                MaxPool.of(Attributes.none().with("kernel_shape", new long[] {2, 2})),
                                steps(7, 1, 2, 2, 3))
                        .expect(f32(dims(1, 2, 1, 2), -0.5f, -0.5f, -0.5f, -0.5f), i64(dims(1, 2, 1, 2), 0, 1, 6, 7)),
                OpCase.of(
                                "column-major indices",
                                MaxPool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2, 2})
                                        .with("storage_order", 1)),
                                f32(dims(1, 1, 2, 3), 1, 2, 3, 4, 5, 0))
                        .expect(f32(dims(1, 1, 1, 2), 5, 5), i64(dims(1, 1, 1, 2), 3, 3)),
                OpCase.of(
                                "column-major indices of a volume",
                                MaxPool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2, 2, 2})
                                        .with("storage_order", 1)),
                                f32(dims(1, 1, 2, 3, 2), 1, 2, 3, 4, 5, 0, 9, 2, 3, 4, 5, 11))
                        .expect(f32(dims(1, 1, 1, 2, 1), 9, 11), i64(dims(1, 1, 1, 2, 1), 1, 11)),
                OpCase.of(
                                "first of equals",
                                MaxPool.of(Attributes.none().with("kernel_shape", new long[] {3})),
                                f32(dims(1, 1, 3), 1, 1, 1))
                        .expect(f32(dims(1, 1, 1), 1), i64(dims(1, 1, 1), 0)),
                OpCase.of(
                                "NaN wins",
                                MaxPool.of(Attributes.none().with("kernel_shape", new long[] {3})),
                                f32(dims(1, 1, 3), 1, Float.NaN, Float.POSITIVE_INFINITY))
                        .expect(f32(dims(1, 1, 1), Float.NaN), i64(dims(1, 1, 1), 1)),
                OpCase.of(
                                "padding alone",
                                MaxPool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {1})
                                        .with("pads", new long[] {1, 0})),
                                f32(dims(1, 1, 1), -3))
                        .expect(f32(dims(1, 1, 2), Float.NEGATIVE_INFINITY, -3), i64(dims(1, 1, 2), -1, 0)),
                OpCase.of(
                                "int8",
                                MaxPool.of(Attributes.none().with("kernel_shape", new long[] {2})),
                                ints(DType.INT8, dims(1, 1, 3), -5, -128, -7))
                        .expect(ints(DType.INT8, dims(1, 1, 2), -5, -7)),
                OpCase.of(
                                "uint8",
                                MaxPool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2})
                                        .with("pads", new long[] {1, 0})),
                                ints(DType.UINT8, dims(1, 1, 3), 5, 200, 7))
                        .expect(ints(DType.UINT8, dims(1, 1, 3), 5, 200, 200)),
                OpCase.of(
                                "float16",
                                MaxPool.of(Attributes.none().with("kernel_shape", new long[] {2})),
                                reals(DType.FLOAT16, dims(1, 1, 3), 1, 3, 2))
                        .outputs(1)
                        .expect(reals(DType.FLOAT16, dims(1, 1, 2), 3, 3)),
                OpCase.of(
                                "no instances",
                                MaxPool.of(Attributes.none().with("kernel_shape", new long[] {2})),
                                f32(dims(0, 1, 3)))
                        .expect(f32(dims(0, 1, 2)), i64(dims(0, 1, 2))),
                OpCase.of(
                                "enormous window",
                                MaxPool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {1099511627776L})
                                        .with("pads", new long[] {1099511627776L, 1099511627774L})
                                        .with("strides", new long[] {1099511627776L})),
                                f32(dims(1, 1, 2), 1, 2))
                        .expect(f32(dims(1, 1, 2), Float.NEGATIVE_INFINITY, 2)),
                OpCase.of(
                                "rank differs",
                                MaxPool.of(Attributes.none().with("kernel_shape", new long[] {2})),
                                steps(13, 1, 1, 4, 5))
                        .outputs(1)
                        .fails("rank 3, as kernel_shape says"),
                OpCase.of(
                                "window too large",
                                MaxPool.of(Attributes.none().with("kernel_shape", new long[] {2, 6})),
                                steps(13, 1, 1, 4, 5))
                        .outputs(1)
                        .fails("the window covers 6 elements of spatial axis 1"));
    }
}
