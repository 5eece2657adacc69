package dev.tenon.op.nn;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.random;
import static dev.tenon.testkit.Literals.reals;
import static dev.tenon.testkit.Literals.steps;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Conv}. */
public final class ConvCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("plain", Conv.of(Attributes.none()), steps(13, 1, 1, 4, 5), linear(-1, 0.25, 1, 1, 3, 3))
                        .expect(f32(dims(1, 1, 2, 3), -1, -7.5f, 2.25f, -1, 12, 12)),
                OpCase.of(
                                "bias",
                                Conv.of(Attributes.none()),
                                steps(13, 1, 1, 4, 5),
                                linear(-1, 0.25, 2, 1, 2, 2),
                                f32(dims(2), 1, -1))
                        .expect(f32(dims(1, 2, 3, 4), """
                                -0.75 1.25 3.25 -1.25   -3.75 8 6.75 5.5
                                3 1.75 0.5 -0.75   2.25 -6.75 -2.75 -5.25
                                -3.75 -3 -2.25 -1.5   0 0.75 1.5 2.25""")),
                OpCase.of(
                                "padding",
                                Conv.of(Attributes.none().with("pads", new long[] {1, 1, 1, 1})),
                                steps(13, 1, 1, 4, 5),
                                linear(-1, 0.25, 1, 1, 3, 3))
                        .expect(f32(dims(1, 1, 4, 5), """
                                4.5 -3.875 -4.375 -8.125 -5
                                -2.625 -1 -7.5 2.25 -2.625
                                -2.375 -1 12 12 6.875
                                2.25 0.875 4.625 -1.375 -0.5""")),
                OpCase.of(
                                "uneven padding",
                                Conv.of(Attributes.none().with("pads", new long[] {0, 2, 1, 0})),
                                steps(13, 1, 1, 4, 5),
                                linear(-1, 0.25, 1, 1, 3, 3))
                        .expect(f32(dims(1, 1, 3, 5), """
                                4.625 -2.625 -1 -7.5 2.25
                                -4.875 -2.375 -1 12 12
                                -1.375 2.25 0.875 4.625 -1.375""")),
                OpCase.of(
                                "strides",
                                Conv.of(Attributes.none()
                                        .with("strides", new long[] {2, 1})
                                        .with("pads", new long[] {1, 1, 1, 1})),
                                steps(13, 1, 1, 4, 5),
                                linear(-1, 0.25, 1, 1, 3, 3))
                        .expect(f32(dims(1, 1, 2, 5), "4.5 -3.875 -4.375 -8.125 -5 -2.375 -1 12 12 6.875")),
                OpCase.of(
                                "dilations",
                                Conv.of(Attributes.none().with("dilations", new long[] {2, 3})),
                                steps(13, 1, 1, 6, 5),
                                linear(-1, 0.5, 1, 1, 2, 2))
                        .expect(f32(dims(1, 1, 4, 2), -0.5f, -1, -3, 3, 1, 0.5f, -1.5f, -2)),
                OpCase.of(
                                "groups",
                                Conv.of(Attributes.none().with("group", 2)),
                                steps(13, 1, 4, 3, 3),
                                linear(-1, 0.25, 2, 2, 2, 2))
                        .expect(f32(dims(1, 2, 2, 2), -2, -2.5f, -0.25f, 2.5f, 8.75f, 3.25f, -14.25f, -10)),
                OpCase.of(
                                "depthwise",
                                Conv.of(Attributes.none().with("group", 2)),
                                steps(13, 2, 2, 3, 3),
                                linear(-1, 0.5, 2, 1, 2, 2),
                                f32(dims(2), 1, 2))
                        .expect(f32(dims(2, 2, 2, 2), "2 1.5 -6 0 -5 -1.5 5.5 9 -7 5.5 4.5 4 12.5 16 -3 -6")),
                OpCase.of(
                                "several channels",
                                Conv.of(Attributes.none()),
                                steps(13, 2, 3, 3, 3),
                                linear(-1, 0.125, 2, 3, 2, 2))
                        .expect(f32(dims(2, 2, 2, 2), """
                                -2 -3.875   0.5 0.25   -5 -17.375   -14.5 -5.75
                                -3.875 -5.75   0.25 -3.25   -17.375 -10.25   -5.75 -0.25""")),
                OpCase.of(
                                "one axis",
                                Conv.of(Attributes.none()
                                        .with("strides", new long[] {2})
                                        .with("pads", new long[] {1, 1})),
                                steps(13, 1, 2, 6),
                                linear(-1, 0.5, 2, 2, 3))
                        .expect(f32(dims(1, 2, 3), -8.5f, -13.25f, -11.75f, -29.5f, -31.25f, -11.75f)),
                OpCase.of(
                                "three axes",
                                Conv.of(Attributes.none()),
                                steps(13, 1, 1, 3, 3, 3),
                                linear(-1, 0.5, 1, 1, 2, 2, 2))
                        .expect(f32(dims(1, 1, 2, 2, 2), -6, -3, -3.5f, 6, -5, -15, -9, -6)),
                OpCase.of(
                                "same upper",
                                Conv.of(Attributes.none()
                                        .with("auto_pad", "SAME_UPPER")
                                        .with("strides", new long[] {2, 2})),
                                steps(13, 1, 1, 4, 5),
                                linear(-1, 0.25, 1, 1, 3, 3))
                        .expect(f32(dims(1, 1, 2, 3), -2.625f, -7.5f, -2.625f, 2.25f, 4.625f, -0.5f)),
                OpCase.of(
                                "same lower",
                                Conv.of(Attributes.none().with("auto_pad", "SAME_LOWER")),
                                steps(13, 1, 1, 4, 5),
                                linear(-1, 0.5, 1, 1, 2, 2))
                        .expect(f32(dims(1, 1, 4, 5), """
                                -1.75 1.75 -1.25 2.25 -0.75
                                4.5 1.5 -5.5 0.5 -6.5
                                -2 -7.5 5 4.5 4
                                -2 3 2.5 2 1.5""")),
                OpCase.of(
                                "valid",
                                Conv.of(Attributes.none().with("auto_pad", "VALID")),
                                steps(13, 1, 1, 4, 5),
                                linear(-1, 0.25, 1, 1, 3, 3))
                        .expect(f32(dims(1, 1, 2, 3), -1, -7.5f, 2.25f, -1, 12, 12)),
                OpCase.of(
                                "kernel_shape given",
                                Conv.of(Attributes.none().with("kernel_shape", new long[] {3, 3})),
                                steps(13, 1, 1, 4, 5),
                                linear(-1, 0.25, 1, 1, 3, 3))
                        .expect(f32(dims(1, 1, 2, 3), -1, -7.5f, 2.25f, -1, 12, 12)),
                OpCase.of(
                                "no instances",
                                Conv.of(Attributes.none()),
                                f32(dims(0, 1, 3, 3)),
                                linear(-1, 0.25, 1, 1, 3, 3))
                        .expect(f32(dims(0, 1, 1, 1))),
                OpCase.of(
                                "no channels",
                                Conv.of(Attributes.none()),
                                f32(dims(1, 0, 3, 3)),
                                f32(dims(2, 0, 3, 3)),
                                f32(dims(2), 1, 2))
                        .expect(f32(dims(1, 2, 1, 1), 1, 2)),
                OpCase.of(
                                "NaN and infinity",
                                Conv.of(Attributes.none()),
                                f32(dims(1, 1, 1, 4), Float.NaN, 1, Float.POSITIVE_INFINITY, 1),
                                f32(dims(1, 1, 1, 2), 1, 0))
                        .expect(f32(dims(1, 1, 1, 3), Float.NaN, Float.NaN, Float.POSITIVE_INFINITY)),
                OpCase.of(
                                "padding wider than the input",
                                Conv.of(Attributes.none().with("pads", new long[] {2, 3})),
                                f32(dims(1, 1, 1), 2),
                                f32(dims(1, 1, 1), 3))
                        .expect(f32(dims(1, 1, 6), 0, 0, 6, 0, 0, 0)),
                OpCase.of(
                                "float16",
                                Conv.of(Attributes.none()),
                                reals(DType.FLOAT16, dims(1, 1, 3), 1, 2, 3),
                                reals(DType.FLOAT16, dims(1, 1, 2), 0.5, 1))
                        .expect(reals(DType.FLOAT16, dims(1, 1, 2), 2.5, 4)),
                OpCase.of(
                                "float64",
                                Conv.of(Attributes.none()),
                                reals(DType.FLOAT64, dims(1, 1, 3), 1, 2, 3),
                                reals(DType.FLOAT64, dims(1, 1, 2), 0.5, 1))
                        .expect(reals(DType.FLOAT64, dims(1, 1, 2), 2.5, 4)),
                OpCase.of(
                        "random",
                        Conv.of(Attributes.none()
                                .with("group", 2)
                                .with("pads", new long[] {1, 0, 2, 1})
                                .with("strides", new long[] {2, 1})),
                        random(DType.FLOAT32, 1, 2, 4, 9, 8),
                        random(DType.FLOAT32, 2, 6, 2, 3, 3),
                        random(DType.FLOAT32, 3, 6)),
                OpCase.of(
                                "channels differ",
                                Conv.of(Attributes.none()),
                                linear(0, 0.5, 1, 2, 4, 5),
                                linear(-1, 0.25, 1, 1, 3, 3))
                        .fails("an input of 1 channels"),
                OpCase.of(
                                "groups do not divide",
                                Conv.of(Attributes.none().with("group", 2)),
                                linear(0, 0.5, 1, 2, 4, 5),
                                linear(-1, 0.25, 1, 1, 3, 3))
                        .fails("a multiple of group"),
                OpCase.of(
                                "window too large",
                                Conv.of(Attributes.none()),
                                steps(13, 1, 1, 4, 5),
                                linear(0, 0.5, 1, 1, 5, 2))
                        .fails("the window covers 5 elements of spatial axis 0"),
                OpCase.of("ranks differ", Conv.of(Attributes.none()), steps(13, 1, 1, 4, 5), linear(0, 0.5, 1, 1, 3))
                        .fails("the rank of the input"),
                OpCase.of(
                                "kernel_shape differs",
                                Conv.of(Attributes.none().with("kernel_shape", new long[] {3, 2})),
                                steps(13, 1, 1, 4, 5),
                                linear(-1, 0.25, 1, 1, 3, 3))
                        .fails("attribute 'kernel_shape' is [3, 2]"),
                OpCase.of(
                                "too many strides",
                                Conv.of(Attributes.none().with("strides", new long[] {1, 1, 1})),
                                steps(13, 1, 1, 4, 5),
                                linear(-1, 0.25, 1, 1, 3, 3))
                        .fails("attribute 'strides' is [1, 1, 1]; allowed 2 numbers"),
                OpCase.of(
                                "bias does not fit",
                                Conv.of(Attributes.none()),
                                steps(13, 1, 1, 4, 5),
                                linear(-1, 0.25, 1, 1, 3, 3),
                                f32(dims(2), 1, 2))
                        .fails("B of shape [2]; allowed [1]"),
                OpCase.of(
                                "enormous padding",
                                Conv.of(Attributes.none().with("pads", new long[] {
                                    1099511627776L, 1099511627776L, 1099511627776L, 1099511627776L
                                })),
                                steps(13, 1, 1, 4, 5),
                                linear(-1, 0.25, 1, 1, 3, 3))
                        .fails("the number of elements overflows"));
    }
}
