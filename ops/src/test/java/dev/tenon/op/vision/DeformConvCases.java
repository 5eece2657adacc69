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

/** Cases of {@link DeformConv}. */
public final class DeformConvCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "no offsets are a convolution",
                                DeformConv.of(Attributes.none()),
                                steps(13, 1, 2, 4, 4),
                                linear(-1, 0.25, 2, 2, 2, 2),
                                linear(0, 0, 1, 8, 3, 3))
                        .expect(f32(dims(1, 2, 3, 3), """
                                -3 -6.75 -0.75   -1.75 -5.5 7   6 5.5 5   -1 3.25 -8.75
                                -19.75 -15.5 -21   -6 1.5 9""")),
                OpCase.of(
                                "offsets",
                                DeformConv.of(Attributes.none()),
                                steps(13, 1, 2, 4, 4),
                                linear(-1, 0.25, 2, 2, 2, 2),
                                steps(5, 1, 8, 3, 3))
                        .expect(f32(dims(1, 2, 3, 3), """
                                0.5 -1.4375 0.4375   -1.625 -0.375 1.25   0.375 1.625 1.5
                                -0.5 -5.9375 2.4375   -1.125 -0.875 1.25
                                -0.125 -3.375 -1""")),
                OpCase.of(
                                "bias and mask",
                                DeformConv.of(Attributes.none()),
                                steps(13, 1, 2, 4, 4),
                                linear(-1, 0.25, 2, 2, 2, 2),
                                steps(5, 1, 8, 3, 3),
                                f32(dims(2), 1, -2),
                                linear(-1.25, 0.1875, 1, 4, 3, 3))
                        .expect(f32(dims(1, 2, 3, 3), """
                                3.9609375 -4.75 1.1445312   -0.8359375 1.1875 2.9296875
                                -0.5234375 5.53125 8.546875   12.3359375 -25.75 -2.7617188
                                4.2578125 -6.625 13.4296875
                                -6.8359375 -12.96875 -17.015625""")),
                OpCase.of(
                                "pads and strides",
                                DeformConv.of(Attributes.none()
                                        .with("pads", new long[] {0, 0, 0, 1})
                                        .with("strides", new long[] {2, 1})),
                                steps(13, 1, 2, 4, 4),
                                linear(-1, 0.25, 2, 2, 2, 2),
                                steps(5, 1, 8, 2, 4))
                        .expect(f32(dims(1, 2, 2, 4), """
                                -2.375 0.625 -0.4375 0.25
                                2.5 1.4375 2.25 3.6875
                                0.625 6.625 1.0625 -4.25
                                -1 2.9375 -6.25 -4.8125""")),
                OpCase.of(
                                "offset groups",
                                DeformConv.of(Attributes.none().with("offset_group", 2)),
                                steps(13, 1, 2, 4, 4),
                                linear(-1, 0.25, 2, 2, 2, 2),
                                steps(5, 1, 16, 3, 3))
                        .expect(f32(dims(1, 2, 3, 3), """
                                -0.9375 0.3125 0.1875   -0.9375 0.03125 0.28125
                                0.28125 0.4375 1.28125   -4.9375 -2.6875 -1.0625
                                5.5625 -0.21875 -2.96875   -3.21875 -11.3125 -2.46875""")),
                OpCase.of(
                                "groups",
                                DeformConv.of(Attributes.none().with("group", 2)),
                                steps(13, 1, 2, 4, 4),
                                linear(-1, 0.25, 2, 1, 2, 2),
                                steps(5, 1, 8, 3, 3))
                        .expect(f32(dims(1, 2, 3, 3), """
                                0.0625 0.0625 0.25   -1.5 0.0625 0.375
                                0.78125 1.4375 0.90625   0.4375 -1.5 0.1875
                                -0.125 -0.4375 0.875   -0.40625 0.1875 0.59375""")),
                OpCase.of(
                                "dilations",
                                DeformConv.of(Attributes.none().with("dilations", new long[] {2, 2})),
                                steps(13, 1, 2, 4, 4),
                                linear(-1, 0.25, 2, 2, 2, 2),
                                steps(5, 1, 8, 2, 2))
                        .expect(f32(dims(1, 2, 2, 2), "0.125 0.625 0.1875 2.625 -1.375 -0.375 -6.3125 -10.375")),
                OpCase.of(
                                "one axis",
                                DeformConv.of(Attributes.none()),
                                f32(dims(1, 1, 3), 1, 2, 4),
                                f32(dims(1, 1, 2), 1, 10),
                                f32(dims(1, 2, 2), 0.5f, 0, 0, -2.5f))
                        .expect(f32(dims(1, 1, 2), 21.5f, 7)),
                OpCase.of(
                        "float64",
                        DeformConv.of(Attributes.none()),
                        reals(DType.FLOAT64, dims(1, 1, 2, 2), -3.5, 3.5, -1.5, 5.5),
                        reals(DType.FLOAT64, dims(1, 1, 1, 1), 2),
                        reals(DType.FLOAT64, dims(1, 2, 2, 2), 0.5, 0, 0, 0, 0, 0, 0, 0)),
                OpCase.of(
                                "no instances",
                                DeformConv.of(Attributes.none()),
                                f32(dims(0, 2, 4, 4)),
                                linear(-1, 0.25, 2, 2, 2, 2),
                                f32(dims(0, 8, 3, 3)))
                        .expect(f32(dims(0, 2, 3, 3))),
                OpCase.of(
                                "channels of offset differ",
                                DeformConv.of(Attributes.none()),
                                steps(13, 1, 2, 4, 4),
                                linear(-1, 0.25, 2, 2, 2, 2),
                                linear(-1.25, 0.1875, 1, 6, 3, 3))
                        .fails("6 and 8 differ"),
                OpCase.of(
                                "offset groups do not divide",
                                DeformConv.of(Attributes.none().with("offset_group", 3)),
                                steps(13, 1, 2, 4, 4),
                                linear(-1, 0.25, 2, 2, 2, 2),
                                steps(5, 1, 8, 3, 3))
                        .fails("a multiple of offset_group, 3"),
                OpCase.of(
                                "places differ",
                                DeformConv.of(Attributes.none()),
                                steps(13, 1, 2, 4, 4),
                                linear(-1, 0.25, 2, 2, 2, 2),
                                linear(-1.25, 0.1875, 1, 8, 2, 3))
                        .fails("dimension 2 of offset and of Y: 2 and 3 differ"));
    }
}
