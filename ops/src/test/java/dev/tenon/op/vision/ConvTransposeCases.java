package dev.tenon.op.vision;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.reals;
import static dev.tenon.testkit.Literals.steps;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link ConvTranspose}. */
public final class ConvTransposeCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "plain",
                                ConvTranspose.of(Attributes.none()),
                                steps(7, 1, 2, 2, 3),
                                linear(-1, 0.25, 2, 2, 2, 2))
                        .expect(f32(dims(1, 2, 3, 4), """
                                0 -0.25 -0.25 -0.25   -0.5 -1.5 -1.5 -1
                                -0.5 -1.25 -1.25 -0.75   -1 -2.25 -2.25 -1.25
                                -2.5 -5.5 -5.5 -3   -1.5 -3.25 -3.25 -1.75""")),
                OpCase.of(
                                "strides",
                                ConvTranspose.of(Attributes.none().with("strides", new long[] {2, 1})),
                                steps(7, 1, 2, 2, 3),
                                linear(-1, 0.25, 2, 2, 2, 2))
                        .expect(f32(dims(1, 2, 4, 4), """
                                0 -0.25 -0.25 -0.25   -0.5 -1.25 -1.25 -0.75
                                0 -0.25 -0.25 -0.25   -0.5 -1.25 -1.25 -0.75
                                -1 -2.25 -2.25 -1.25   -1.5 -3.25 -3.25 -1.75
                                -1 -2.25 -2.25 -1.25   -1.5 -3.25 -3.25 -1.75""")),
                OpCase.of(
                                "pads",
                                ConvTranspose.of(Attributes.none()
                                        .with("strides", new long[] {2, 2})
                                        .with("pads", new long[] {1, 0, 0, 1})),
                                steps(7, 1, 2, 2, 3),
                                linear(-1, 0.25, 2, 2, 2, 2))
                        .expect(f32(dims(1, 2, 3, 5), """
                                -0.5 -0.75 -0.5 -0.75 -0.5
                                0 -0.25 0 -0.25 0
                                -0.5 -0.75 -0.5 -0.75 -0.5
                                -1.5 -1.75 -1.5 -1.75 -1.5
                                -1 -1.25 -1 -1.25 -1
                                -1.5 -1.75 -1.5 -1.75 -1.5""")),
                OpCase.of(
                                "dilations",
                                ConvTranspose.of(Attributes.none().with("dilations", new long[] {2, 1})),
                                steps(7, 1, 2, 2, 3),
                                linear(-1, 0.25, 2, 2, 2, 2))
                        .expect(f32(dims(1, 2, 4, 4), """
                                0 -0.25 -0.25 -0.25   0 -0.25 -0.25 -0.25
                                -0.5 -1.25 -1.25 -0.75   -0.5 -1.25 -1.25 -0.75
                                -1 -2.25 -2.25 -1.25   -1 -2.25 -2.25 -1.25
                                -1.5 -3.25 -3.25 -1.75   -1.5 -3.25 -3.25 -1.75""")),
                OpCase.of(
                                "output padding",
                                ConvTranspose.of(Attributes.none()
                                        .with("strides", new long[] {2, 2})
                                        .with("output_padding", new long[] {1, 1})),
                                steps(7, 1, 2, 2, 3),
                                linear(-1, 0.25, 2, 2, 2, 2))
                        .expect(f32(dims(1, 2, 5, 7), """
                                0 -0.25 0 -0.25 0 -0.25 0
                                -0.5 -0.75 -0.5 -0.75 -0.5 -0.75 0
                                0 -0.25 0 -0.25 0 -0.25 0
                                -0.5 -0.75 -0.5 -0.75 -0.5 -0.75 0
                                0 0 0 0 0 0 0
                                -1 -1.25 -1 -1.25 -1 -1.25 0
                                -1.5 -1.75 -1.5 -1.75 -1.5 -1.75 0
                                -1 -1.25 -1 -1.25 -1 -1.25 0
                                -1.5 -1.75 -1.5 -1.75 -1.5 -1.75 0
                                0 0 0 0 0 0 0""")),
                OpCase.of(
                                "output shape",
                                ConvTranspose.of(Attributes.none()
                                        .with("strides", new long[] {2, 2})
                                        .with("output_shape", new long[] {3, 5})
                                        .with("auto_pad", "SAME_UPPER")),
                                steps(7, 1, 2, 2, 3),
                                linear(-1, 0.25, 2, 2, 2, 2))
                        .expect(f32(dims(1, 2, 3, 5), """
                                0 -0.25 0 -0.25 0
                                -0.5 -0.75 -0.5 -0.75 -0.5
                                0 -0.25 0 -0.25 0
                                -1 -1.25 -1 -1.25 -1
                                -1.5 -1.75 -1.5 -1.75 -1.5
                                -1 -1.25 -1 -1.25 -1""")),
                OpCase.of(
                                "output shape lower",
                                ConvTranspose.of(Attributes.none()
                                        .with("strides", new long[] {2, 2})
                                        .with("output_shape", new long[] {3, 5})
                                        .with("auto_pad", "SAME_LOWER")),
                                steps(7, 1, 2, 2, 3),
                                linear(-1, 0.25, 2, 2, 2, 2))
                        .expect(f32(dims(1, 2, 3, 5), """
                                -0.75 -0.5 -0.75 -0.5 -0.75
                                -0.25 0 -0.25 0 -0.25
                                -0.75 -0.5 -0.75 -0.5 -0.75
                                -1.75 -1.5 -1.75 -1.5 -1.75
                                -1.25 -1 -1.25 -1 -1.25
                                -1.75 -1.5 -1.75 -1.5 -1.75""")),
                OpCase.of(
                                "same upper",
                                ConvTranspose.of(Attributes.none()
                                        .with("strides", new long[] {2, 2})
                                        .with("auto_pad", "SAME_UPPER")),
                                steps(7, 1, 2, 2, 3),
                                linear(-1, 0.25, 2, 1, 3, 3))
                        .expect(f32(dims(1, 1, 4, 6), """
                                -0.125 -0.375 -0.75 -0.375 -0.75 -0.375
                                -0.875 -1.125 -2.25 -1.125 -2.25 -1.125
                                -1.75 -2.25 -4.5 -2.25 -4.5 -2.25
                                -0.875 -1.125 -2.25 -1.125 -2.25 -1.125""")),
                OpCase.of(
                                "same lower",
                                ConvTranspose.of(Attributes.none()
                                        .with("strides", new long[] {2, 2})
                                        .with("auto_pad", "SAME_LOWER")),
                                steps(7, 1, 2, 2, 3),
                                linear(-1, 0.25, 2, 1, 3, 3))
                        .expect(f32(dims(1, 1, 4, 6), """
                                -1.125 -2.25 -1.125 -2.25 -1.125 -1.375
                                -2.25 -4.5 -2.25 -4.5 -2.25 -2.75
                                -1.125 -2.25 -1.125 -2.25 -1.125 -1.375
                                -1.875 -3.75 -1.875 -3.75 -1.875 -2.125""")),
                OpCase.of(
                                "bias",
                                ConvTranspose.of(Attributes.none()),
                                steps(7, 1, 2, 2, 3),
                                linear(-1, 0.25, 2, 2, 2, 2),
                                f32(dims(2), 1, -2))
                        .expect(f32(dims(1, 2, 3, 4), """
                                1 0.75 0.75 0.75   0.5 -0.5 -0.5 0   0.5 -0.25 -0.25 0.25
                                -3 -4.25 -4.25 -3.25   -4.5 -7.5 -7.5 -5
                                -3.5 -5.25 -5.25 -3.75""")),
                OpCase.of(
                                "one axis",
                                ConvTranspose.of(Attributes.none().with("strides", new long[] {2})),
                                steps(7, 2, 1, 3),
                                linear(-1, 0.5, 1, 2, 2))
                        .expect(f32(dims(2, 2, 6), """
                                0.5 0.25 0.5 0.25 0.5 0.25
                                0 -0.25 0 -0.25 0 -0.25
                                0.5 0.25 0.5 0.25 0.5 0.25
                                0 -0.25 0 -0.25 0 -0.25""")),
                OpCase.of(
                                "three axes",
                                ConvTranspose.of(Attributes.none().with("strides", new long[] {1, 2, 1})),
                                steps(7, 1, 1, 2, 2, 2),
                                linear(-1, 0.25, 1, 1, 2, 1, 2))
                        .expect(f32(dims(1, 1, 3, 3, 3), """
                                0.5 0.875 0.375   0 0 0   0.5 0.875 0.375   0.75 1.25 0.5
                                0 0 0   0.75 1.25 0.5   0.25 0.375 0.125   0 0 0
                                0.25 0.375 0.125""")),
                OpCase.of(
                                "groups",
                                ConvTranspose.of(Attributes.none().with("group", 2)),
                                steps(7, 1, 4, 2, 2),
                                linear(-1, 0.25, 4, 1, 2, 2))
                        .expect(f32(dims(1, 2, 3, 3), """
                                0.5 0.75 0.25   0.5 0.5 0   0 -0.25 -0.25
                                -1.5 -3.25 -1.75   -3.5 -7.5 -4   -2 -4.25 -2.25""")),
                OpCase.of(
                                "larger output shape",
                                ConvTranspose.of(Attributes.none().with("output_shape", new long[] {4})),
                                f32(dims(1, 1, 2), 1, 2),
                                f32(dims(1, 1, 1), 3),
                                f32(dims(1), 0.5f))
                        .expect(f32(dims(1, 1, 4), 3.5f, 6.5f, 0.5f, 0.5f)),
                OpCase.of(
                                "whole output shape",
                                ConvTranspose.of(Attributes.none().with("output_shape", new long[] {1, 1, 2})),
                                f32(dims(1, 1, 2), 1, 2),
                                f32(dims(1, 1, 1), 3))
                        .expect(f32(dims(1, 1, 2), 3, 6)),
                OpCase.of(
                                "no instances",
                                ConvTranspose.of(Attributes.none()),
                                f32(dims(0, 2, 2, 3)),
                                linear(-1, 0.25, 2, 2, 2, 2))
                        .expect(f32(dims(0, 2, 3, 4))),
                OpCase.of(
                                "no channels",
                                ConvTranspose.of(Attributes.none()),
                                f32(dims(1, 0, 3)),
                                f32(dims(0, 2, 2)),
                                f32(dims(2), 1, 2))
                        .expect(f32(dims(1, 2, 4), 1, 1, 1, 1, 2, 2, 2, 2)),
                OpCase.of(
                                "empty axis",
                                ConvTranspose.of(Attributes.none()),
                                f32(dims(1, 1, 0)),
                                f32(dims(1, 1, 2), 1, 2))
                        .expect(f32(dims(1, 1, 1), 0)),
                OpCase.of(
                                "float16",
                                ConvTranspose.of(Attributes.none()),
                                reals(DType.FLOAT16, dims(1, 1, 2), 1, 2),
                                reals(DType.FLOAT16, dims(1, 1, 2), 0.5, 3))
                        .expect(reals(DType.FLOAT16, dims(1, 1, 3), 0.5, 4, 6)),
                OpCase.of(
                                "float64",
                                ConvTranspose.of(Attributes.none()),
                                reals(DType.FLOAT64, dims(1, 1, 2), 1, 2),
                                reals(DType.FLOAT64, dims(1, 1, 2), 0.5, 3))
                        .expect(reals(DType.FLOAT64, dims(1, 1, 3), 0.5, 4, 6)),
                OpCase.of(
                                "channels differ",
                                ConvTranspose.of(Attributes.none()),
                                steps(7, 1, 2, 2, 3),
                                linear(0, 1, 3, 2, 2, 2))
                        .fails("channels of X and of W: 2 and 3 differ"),
                OpCase.of(
                                "groups do not divide",
                                ConvTranspose.of(Attributes.none().with("group", 2)),
                                steps(7, 1, 3, 4),
                                linear(0, 1, 3, 2, 2))
                        .fails("a multiple of group, 2"),
                OpCase.of(
                                "kernel_shape differs",
                                ConvTranspose.of(Attributes.none().with("kernel_shape", new long[] {3, 2})),
                                steps(7, 1, 2, 2, 3),
                                linear(-1, 0.25, 2, 2, 2, 2))
                        .fails("attribute 'kernel_shape' is [3, 2]"),
                OpCase.of(
                                "too much padding",
                                ConvTranspose.of(Attributes.none().with("pads", new long[] {9, 0, 9, 0})),
                                steps(7, 1, 2, 2, 3),
                                linear(-1, 0.25, 2, 2, 2, 2))
                        .fails("pads [9, 0, 9, 0]"),
                OpCase.of(
                                "bias does not fit",
                                ConvTranspose.of(Attributes.none()),
                                steps(7, 1, 2, 2, 3),
                                linear(-1, 0.25, 2, 2, 2, 2),
                                f32(dims(3), 1, 2, 3))
                        .fails("3 and 2 differ"),
                OpCase.of(
                                "enormous strides",
                                ConvTranspose.of(Attributes.none().with("strides", new long[] {1L << 62, 1L << 62})),
                                steps(7, 1, 2, 2, 3),
                                linear(-1, 0.25, 2, 2, 2, 2))
                        .fails(""));
    }
}
