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
                        .expect(f32(dims(1, 2, 3, 2), """
                                -0.6666667 -0.5   0 -0.5   0.6666667 -0.5   -0.6666667 0.5
                                0 0.5   0.6666667 0.5""")),
                OpCase.of("image", AffineGrid.of(Attributes.none()), linear(-1.25, 0.1875, 2, 2, 3), axes(2, 1, 2, 3))
                        .expect(f32(dims(2, 2, 3, 2), """
                                0.48958334 0.39583334   -0.34375 -0.0625
                                -1.1770834 -0.5208333   -0.5729167 -0.104166664
                                -1.40625 -0.5625   -2.2395833 -1.0208334
                                0.30208334 0.20833333   0.21875 0.5   0.13541667 0.7916667
                                0.36458334 0.8333333   0.28125 1.125
                                0.19791667 1.4166666""")),
                OpCase.of(
                                "image with corners",
                                AffineGrid.of(Attributes.none().with("align_corners", 1)),
                                linear(-1.25, 0.1875, 2, 2, 3),
                                axes(2, 1, 2, 3))
                        .expect(f32(dims(2, 2, 3, 2), """
                                1.4375 0.875   0.1875 0.1875   -1.0625 -0.5
                                -0.6875 -0.125   -1.9375 -0.8125   -3.1875 -1.5
                                0.3125 -0.25   0.1875 0.1875   0.0625 0.625   0.4375 1
                                0.3125 1.4375   0.1875 1.875""")),
                OpCase.of(
                                "volume",
                                AffineGrid.of(Attributes.none()),
                                linear(-1.25, 0.1875, 1, 3, 4),
                                axes(1, 1, 2, 2, 3))
                        .expect(f32(dims(1, 2, 2, 3, 3), """
                                1.1145834 0.6145833 0.114583336   0.28125 0.28125 0.28125
                                -0.5520833 -0.052083332 0.44791666
                                0.052083332 0.30208334 0.5520833
                                -0.78125 -0.03125 0.71875
                                -1.6145834 -0.36458334 0.8854167
                                0.23958333 0.48958334 0.7395833   -0.59375 0.15625 0.90625
                                -1.4270834 -0.17708333 1.0729166
                                -0.8229167 0.17708333 1.1770834
                                -1.65625 -0.15625 1.34375
                                -2.4895833 -0.48958334 1.5104166""")),
                OpCase.of(
                                "volume with corners",
                                AffineGrid.of(Attributes.none().with("align_corners", 1)),
                                linear(-1.25, 0.1875, 1, 3, 4),
                                axes(1, 1, 2, 2, 3))
                        .expect(f32(dims(1, 2, 2, 3, 3), """
                                2.5 1 -0.5   1.25 0.5 -0.25   0 0 0   0.375 0.375 0.375
                                -0.875 -0.125 0.625   -2.125 -0.625 0.875   0.75 0.75 0.75
                                -0.5 0.25 1   -1.75 -0.25 1.25   -1.375 0.125 1.625
                                -2.625 -0.375 1.875   -3.875 -0.875 2.125""")),
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
