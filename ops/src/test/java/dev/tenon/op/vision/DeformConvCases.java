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
                        .expect(f32(
                                dims(1, 2, 3, 3),
                                -3,
                                -6.75f,
                                -0.75f,
                                -1.75f,
                                -5.5f,
                                7,
                                6,
                                5.5f,
                                5,
                                -1,
                                3.25f,
                                -8.75f,
                                -19.75f,
                                -15.5f,
                                -21,
                                -6,
                                1.5f,
                                9)),
                OpCase.of(
                                "offsets",
                                DeformConv.of(Attributes.none()),
                                steps(13, 1, 2, 4, 4),
                                linear(-1, 0.25, 2, 2, 2, 2),
                                steps(5, 1, 8, 3, 3))
                        .expect(f32(
                                dims(1, 2, 3, 3),
                                0.5f,
                                -1.4375f,
                                0.4375f,
                                -1.625f,
                                -0.375f,
                                1.25f,
                                0.375f,
                                1.625f,
                                1.5f,
                                -0.5f,
                                -5.9375f,
                                2.4375f,
                                -1.125f,
                                -0.875f,
                                1.25f,
                                -0.125f,
                                -3.375f,
                                -1)),
                OpCase.of(
                                "bias and mask",
                                DeformConv.of(Attributes.none()),
                                steps(13, 1, 2, 4, 4),
                                linear(-1, 0.25, 2, 2, 2, 2),
                                steps(5, 1, 8, 3, 3),
                                f32(dims(2), 1, -2),
                                linear(-1.25, 0.1875, 1, 4, 3, 3))
                        .expect(f32(
                                dims(1, 2, 3, 3),
                                3.9609375f,
                                -4.75f,
                                1.1445312f,
                                -0.8359375f,
                                1.1875f,
                                2.9296875f,
                                -0.5234375f,
                                5.53125f,
                                8.546875f,
                                12.3359375f,
                                -25.75f,
                                -2.7617188f,
                                4.2578125f,
                                -6.625f,
                                13.4296875f,
                                -6.8359375f,
                                -12.96875f,
                                -17.015625f)),
                OpCase.of(
                                "pads and strides",
                                DeformConv.of(Attributes.none()
                                        .with("pads", new long[] {0, 0, 0, 1})
                                        .with("strides", new long[] {2, 1})),
                                steps(13, 1, 2, 4, 4),
                                linear(-1, 0.25, 2, 2, 2, 2),
                                steps(5, 1, 8, 2, 4))
                        .expect(f32(
                                dims(1, 2, 2, 4),
                                -2.375f,
                                0.625f,
                                -0.4375f,
                                0.25f,
                                2.5f,
                                1.4375f,
                                2.25f,
                                3.6875f,
                                0.625f,
                                6.625f,
                                1.0625f,
                                -4.25f,
                                -1,
                                2.9375f,
                                -6.25f,
                                -4.8125f)),
                OpCase.of(
                                "offset groups",
                                DeformConv.of(Attributes.none().with("offset_group", 2)),
                                steps(13, 1, 2, 4, 4),
                                linear(-1, 0.25, 2, 2, 2, 2),
                                steps(5, 1, 16, 3, 3))
                        .expect(f32(
                                dims(1, 2, 3, 3),
                                -0.9375f,
                                0.3125f,
                                0.1875f,
                                -0.9375f,
                                0.03125f,
                                0.28125f,
                                0.28125f,
                                0.4375f,
                                1.28125f,
                                -4.9375f,
                                -2.6875f,
                                -1.0625f,
                                5.5625f,
                                -0.21875f,
                                -2.96875f,
                                -3.21875f,
                                -11.3125f,
                                -2.46875f)),
                OpCase.of(
                                "groups",
                                DeformConv.of(Attributes.none().with("group", 2)),
                                steps(13, 1, 2, 4, 4),
                                linear(-1, 0.25, 2, 1, 2, 2),
                                steps(5, 1, 8, 3, 3))
                        .expect(f32(
                                dims(1, 2, 3, 3),
                                0.0625f,
                                0.0625f,
                                0.25f,
                                -1.5f,
                                0.0625f,
                                0.375f,
                                0.78125f,
                                1.4375f,
                                0.90625f,
                                0.4375f,
                                -1.5f,
                                0.1875f,
                                -0.125f,
                                -0.4375f,
                                0.875f,
                                -0.40625f,
                                0.1875f,
                                0.59375f)),
                OpCase.of(
                                "dilations",
                                DeformConv.of(Attributes.none().with("dilations", new long[] {2, 2})),
                                steps(13, 1, 2, 4, 4),
                                linear(-1, 0.25, 2, 2, 2, 2),
                                steps(5, 1, 8, 2, 2))
                        .expect(f32(
                                dims(1, 2, 2, 2),
                                0.125f,
                                0.625f,
                                0.1875f,
                                2.625f,
                                -1.375f,
                                -0.375f,
                                -6.3125f,
                                -10.375f)),
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
