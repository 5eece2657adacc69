package dev.tenon.op.vision;

import static dev.tenon.testkit.Literals.axes;
import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link AffineGrid}. */
public final class AffineGridCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "identity",
                                AffineGrid.of(Attributes.none()),
                                f32(dims(1, 2, 3), 1, 0, 0, 0, 1, 0),
                                axes(1, 1, 2, 3))
                        .expect(f32(
                                dims(1, 2, 3, 2),
                                -0.6666667f,
                                -0.5f,
                                0,
                                -0.5f,
                                0.6666667f,
                                -0.5f,
                                -0.6666667f,
                                0.5f,
                                0,
                                0.5f,
                                0.6666667f,
                                0.5f)),
                OpCase.of("image", AffineGrid.of(Attributes.none()), linear(-1.25, 0.1875, 2, 2, 3), axes(2, 1, 2, 3))
                        .expect(f32(
                                dims(2, 2, 3, 2),
                                0.48958334f,
                                0.39583334f,
                                -0.34375f,
                                -0.0625f,
                                -1.1770834f,
                                -0.5208333f,
                                -0.5729167f,
                                -0.104166664f,
                                -1.40625f,
                                -0.5625f,
                                -2.2395833f,
                                -1.0208334f,
                                0.30208334f,
                                0.20833333f,
                                0.21875f,
                                0.5f,
                                0.13541667f,
                                0.7916667f,
                                0.36458334f,
                                0.8333333f,
                                0.28125f,
                                1.125f,
                                0.19791667f,
                                1.4166666f)),
                OpCase.of(
                                "image with corners",
                                AffineGrid.of(Attributes.none().with("align_corners", 1)),
                                linear(-1.25, 0.1875, 2, 2, 3),
                                axes(2, 1, 2, 3))
                        .expect(f32(
                                dims(2, 2, 3, 2),
                                1.4375f,
                                0.875f,
                                0.1875f,
                                0.1875f,
                                -1.0625f,
                                -0.5f,
                                -0.6875f,
                                -0.125f,
                                -1.9375f,
                                -0.8125f,
                                -3.1875f,
                                -1.5f,
                                0.3125f,
                                -0.25f,
                                0.1875f,
                                0.1875f,
                                0.0625f,
                                0.625f,
                                0.4375f,
                                1,
                                0.3125f,
                                1.4375f,
                                0.1875f,
                                1.875f)),
                OpCase.of(
                                "volume",
                                AffineGrid.of(Attributes.none()),
                                linear(-1.25, 0.1875, 1, 3, 4),
                                axes(1, 1, 2, 2, 3))
                        .expect(f32(
                                dims(1, 2, 2, 3, 3),
                                1.1145834f,
                                0.6145833f,
                                0.114583336f,
                                0.28125f,
                                0.28125f,
                                0.28125f,
                                -0.5520833f,
                                -0.052083332f,
                                0.44791666f,
                                0.052083332f,
                                0.30208334f,
                                0.5520833f,
                                -0.78125f,
                                -0.03125f,
                                0.71875f,
                                -1.6145834f,
                                -0.36458334f,
                                0.8854167f,
                                0.23958333f,
                                0.48958334f,
                                0.7395833f,
                                -0.59375f,
                                0.15625f,
                                0.90625f,
                                -1.4270834f,
                                -0.17708333f,
                                1.0729166f,
                                -0.8229167f,
                                0.17708333f,
                                1.1770834f,
                                -1.65625f,
                                -0.15625f,
                                1.34375f,
                                -2.4895833f,
                                -0.48958334f,
                                1.5104166f)),
                OpCase.of(
                                "volume with corners",
                                AffineGrid.of(Attributes.none().with("align_corners", 1)),
                                linear(-1.25, 0.1875, 1, 3, 4),
                                axes(1, 1, 2, 2, 3))
                        .expect(f32(
                                dims(1, 2, 2, 3, 3),
                                2.5f,
                                1,
                                -0.5f,
                                1.25f,
                                0.5f,
                                -0.25f,
                                0,
                                0,
                                0,
                                0.375f,
                                0.375f,
                                0.375f,
                                -0.875f,
                                -0.125f,
                                0.625f,
                                -2.125f,
                                -0.625f,
                                0.875f,
                                0.75f,
                                0.75f,
                                0.75f,
                                -0.5f,
                                0.25f,
                                1,
                                -1.75f,
                                -0.25f,
                                1.25f,
                                -1.375f,
                                0.125f,
                                1.625f,
                                -2.625f,
                                -0.375f,
                                1.875f,
                                -3.875f,
                                -0.875f,
                                2.125f)),
                OpCase.of(
                                "one column with corners",
                                AffineGrid.of(Attributes.none().with("align_corners", 1)),
                                f32(dims(1, 2, 3), 1, 0, 0.5f, 0, 1, 0),
                                axes(1, 1, 2, 1))
                        .expect(f32(dims(1, 2, 1, 2), -0.5f, -1, -0.5f, 1)),
                OpCase.of(
                                "float64",
                                AffineGrid.of(Attributes.none()),
                                reals(DType.FLOAT64, dims(1, 2, 3), 1, 0.5, 0, 0, 1, 0.25),
                                axes(1, 1, 1, 2))
                        .expect(reals(DType.FLOAT64, dims(1, 1, 2, 2), -0.5, 0.25, 0.5, 0.25)),
                OpCase.of("no instances", AffineGrid.of(Attributes.none()), f32(dims(0, 2, 3)), axes(0, 1, 2, 2))
                        .expect(f32(dims(0, 2, 2, 2))),
                OpCase.of(
                                "sizes differ",
                                AffineGrid.of(Attributes.none()),
                                linear(-1.25, 0.1875, 1, 2, 3),
                                axes(1, 1, 2, 2, 2))
                        .fails("2 and 3 differ"),
                OpCase.of(
                                "size too short",
                                AffineGrid.of(Attributes.none()),
                                linear(-1.25, 0.1875, 1, 2, 3),
                                axes(2, 2))
                        .fails("'size' of 2 elements; allowed 4 or 5"),
                OpCase.of(
                                "negative size",
                                AffineGrid.of(Attributes.none()),
                                linear(-1.25, 0.1875, 1, 2, 3),
                                axes(1, 1, -2, 2))
                        .fails("holds -2"),
                OpCase.of(
                                "instances differ",
                                AffineGrid.of(Attributes.none()),
                                linear(-1.25, 0.1875, 1, 2, 3),
                                axes(2, 1, 2, 2))
                        .fails("1 and 2 differ"));
    }
}
