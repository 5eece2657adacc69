package dev.tenon.op.vision;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.reals;
import static dev.tenon.testkit.Literals.steps;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link GridSample}. */
public final class GridSampleCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "linear zeros edges",
                                GridSample.of(Attributes.none()),
                                steps(13, 1, 1, 3, 4),
                                f32(dims(1, 2, 3, 2), "-1 -1 -0.5 0.25 0.75 0.5 1 1 1.25 -1.5 -0.25 -1.125"))
                        .expect(f32(dims(1, 1, 2, 3), -0.875f, 0.3125f, -5, -1.125f, 0, 1.09375f)),
                OpCase.of(
                                "linear zeros corners",
                                GridSample.of(Attributes.none().with("align_corners", 1)),
                                steps(13, 1, 1, 3, 4),
                                f32(dims(1, 2, 3, 2), "-1 -1 -0.5 0.25 0.75 0.5 1 1 1.25 -1.5 -0.25 -1.125"))
                        .expect(f32(dims(1, 1, 2, 3), -3.5f, 1.8125f, -3.25f, -4.5f, 1.40625f, 2.40625f)),
                OpCase.of(
                                "linear border edges",
                                GridSample.of(Attributes.none().with("padding_mode", "border")),
                                steps(13, 1, 1, 3, 4),
                                f32(dims(1, 2, 3, 2), "-1 -1 -0.5 0.25 0.75 0.5 1 1 1.25 -1.5 -0.25 -1.125"))
                        .expect(f32(dims(1, 1, 2, 3), -3.5f, 0.3125f, -5, -4.5f, 4.5f, 3.5f)),
                OpCase.of(
                                "linear border corners",
                                GridSample.of(Attributes.none()
                                        .with("padding_mode", "border")
                                        .with("align_corners", 1)),
                                steps(13, 1, 1, 3, 4),
                                f32(dims(1, 2, 3, 2), "-1 -1 -0.5 0.25 0.75 0.5 1 1 1.25 -1.5 -0.25 -1.125"))
                        .expect(f32(dims(1, 1, 2, 3), -3.5f, 1.8125f, -3.25f, -4.5f, 4.5f, 2.75f)),
                OpCase.of(
                                "linear reflection edges",
                                GridSample.of(Attributes.none().with("padding_mode", "reflection")),
                                steps(13, 1, 1, 3, 4),
                                f32(dims(1, 2, 3, 2), "-1 -1 -0.5 0.25 0.75 0.5 1 1 1.25 -1.5 -0.25 -1.125"))
                        .expect(f32(dims(1, 1, 2, 3), -3.5f, 0.3125f, -5, -4.5f, 1.75f, 3.5f)),
                OpCase.of(
                                "linear reflection corners",
                                GridSample.of(Attributes.none()
                                        .with("padding_mode", "reflection")
                                        .with("align_corners", 1)),
                                steps(13, 1, 1, 3, 4),
                                f32(dims(1, 2, 3, 2), "-1 -1 -0.5 0.25 0.75 0.5 1 1 1.25 -1.5 -0.25 -1.125"))
                        .expect(f32(dims(1, 1, 2, 3), -3.5f, 1.8125f, -3.25f, -4.5f, -1.1875f, 3)),
                OpCase.of(
                                "nearest zeros edges",
                                GridSample.of(Attributes.none().with("mode", "nearest")),
                                steps(13, 1, 1, 3, 4),
                                f32(dims(1, 2, 3, 2), "-1 -1 -0.5 0.25 0.75 0.5 1 1 1.25 -1.5 -0.25 -1.125"))
                        .expect(f32(dims(1, 1, 2, 3), -3.5f, -1.5f, -4.5f, 0, 0, 0)),
                OpCase.of(
                                "nearest zeros corners",
                                GridSample.of(Attributes.none()
                                        .with("mode", "nearest")
                                        .with("align_corners", 1)),
                                steps(13, 1, 1, 3, 4),
                                f32(dims(1, 2, 3, 2), "-1 -1 -0.5 0.25 0.75 0.5 1 1 1.25 -1.5 -0.25 -1.125"))
                        .expect(f32(dims(1, 1, 2, 3), -3.5f, 5.5f, -4.5f, -4.5f, 4.5f, 3.5f)),
                OpCase.of(
                                "nearest border edges",
                                GridSample.of(Attributes.none()
                                        .with("mode", "nearest")
                                        .with("padding_mode", "border")),
                                steps(13, 1, 1, 3, 4),
                                f32(dims(1, 2, 3, 2), "-1 -1 -0.5 0.25 0.75 0.5 1 1 1.25 -1.5 -0.25 -1.125"))
                        .expect(f32(dims(1, 1, 2, 3), -3.5f, -1.5f, -4.5f, -4.5f, 4.5f, 3.5f)),
                OpCase.of(
                                "nearest border corners",
                                GridSample.of(Attributes.none()
                                        .with("mode", "nearest")
                                        .with("padding_mode", "border")
                                        .with("align_corners", 1)),
                                steps(13, 1, 1, 3, 4),
                                f32(dims(1, 2, 3, 2), "-1 -1 -0.5 0.25 0.75 0.5 1 1 1.25 -1.5 -0.25 -1.125"))
                        .expect(f32(dims(1, 1, 2, 3), -3.5f, 5.5f, -4.5f, -4.5f, 4.5f, 3.5f)),
                OpCase.of(
                                "nearest reflection edges",
                                GridSample.of(Attributes.none()
                                        .with("mode", "nearest")
                                        .with("padding_mode", "reflection")),
                                steps(13, 1, 1, 3, 4),
                                f32(dims(1, 2, 3, 2), "-1 -1 -0.5 0.25 0.75 0.5 1 1 1.25 -1.5 -0.25 -1.125"))
                        .expect(f32(dims(1, 1, 2, 3), -3.5f, -1.5f, -4.5f, -4.5f, 4.5f, 3.5f)),
                OpCase.of(
                                "nearest reflection corners",
                                GridSample.of(Attributes.none()
                                        .with("mode", "nearest")
                                        .with("padding_mode", "reflection")
                                        .with("align_corners", 1)),
                                steps(13, 1, 1, 3, 4),
                                f32(dims(1, 2, 3, 2), "-1 -1 -0.5 0.25 0.75 0.5 1 1 1.25 -1.5 -0.25 -1.125"))
                        .expect(f32(dims(1, 1, 2, 3), -3.5f, 5.5f, -4.5f, -4.5f, 4.5f, 3.5f)),
                OpCase.of(
                                "cubic zeros edges",
                                GridSample.of(Attributes.none().with("mode", "cubic")),
                                steps(13, 1, 1, 3, 4),
                                f32(dims(1, 2, 3, 2), "-1 -1 -0.5 0.25 0.75 0.5 1 1 1.25 -1.5 -0.25 -1.125"))
                        .expect(f32(dims(1, 1, 2, 3), -1.296875f, 0.46404266f, -5.814453f, -1.3125f, 0, 0.9225464f)),
                OpCase.of(
                                "cubic zeros corners",
                                GridSample.of(
                                        Attributes.none().with("mode", "cubic").with("align_corners", 1)),
                                steps(13, 1, 1, 3, 4),
                                f32(dims(1, 2, 3, 2), "-1 -1 -0.5 0.25 0.75 0.5 1 1 1.25 -1.5 -0.25 -1.125"))
                        .expect(f32(dims(1, 1, 2, 3), -3.5f, 2.4219894f, -4.836815f, -4.5f, 2.6172638f, 2.8053763f)),
                OpCase.of(
                                "cubic border edges",
                                GridSample.of(
                                        Attributes.none().with("mode", "cubic").with("padding_mode", "border")),
                                steps(13, 1, 1, 3, 4),
                                f32(dims(1, 2, 3, 2), "-1 -1 -0.5 0.25 0.75 0.5 1 1 1.25 -1.5 -0.25 -1.125"))
                        .expect(f32(dims(1, 1, 2, 3), -4.34375f, 0.72146606f, -5.3398438f, -4.875f, 4.5f, 3.5f)),
                OpCase.of(
                                "cubic border corners",
                                GridSample.of(Attributes.none()
                                        .with("mode", "cubic")
                                        .with("padding_mode", "border")
                                        .with("align_corners", 1)),
                                steps(13, 1, 1, 3, 4),
                                f32(dims(1, 2, 3, 2), "-1 -1 -0.5 0.25 0.75 0.5 1 1 1.25 -1.5 -0.25 -1.125"))
                        .expect(f32(dims(1, 1, 2, 3), -3.5f, 2.622284f, -3.8970032f, -4.5f, 4.5f, 3.303711f)),
                OpCase.of(
                                "cubic reflection edges",
                                GridSample.of(
                                        Attributes.none().with("mode", "cubic").with("padding_mode", "reflection")),
                                steps(13, 1, 1, 3, 4),
                                f32(dims(1, 2, 3, 2), "-1 -1 -0.5 0.25 0.75 0.5 1 1 1.25 -1.5 -0.25 -1.125"))
                        .expect(f32(dims(1, 1, 2, 3), -5.1875f, 0.72146606f, -5.3398438f, -5.25f, 1.9375f, 3.1777344f)),
                OpCase.of(
                                "cubic reflection corners",
                                GridSample.of(Attributes.none()
                                        .with("mode", "cubic")
                                        .with("padding_mode", "reflection")
                                        .with("align_corners", 1)),
                                steps(13, 1, 1, 3, 4),
                                f32(dims(1, 2, 3, 2), "-1 -1 -0.5 0.25 0.75 0.5 1 1 1.25 -1.5 -0.25 -1.125"))
                        .expect(f32(dims(1, 1, 2, 3), -3.5f, 2.1644287f, -4.422241f, -4.5f, -1.0626221f, 3.4819336f)),
                OpCase.of(
                                "volume",
                                GridSample.of(Attributes.none().with("padding_mode", "border")),
                                steps(17, 1, 1, 2, 3, 2),
                                linear(-1.25, 0.1875, 1, 2, 1, 2, 3))
                        .expect(f32(dims(1, 1, 2, 1, 2), -5.5f, -4.75f, 0.09277344f, 3.25f)),
                OpCase.of(
                                "volume nearest",
                                GridSample.of(Attributes.none()
                                        .with("mode", "nearest")
                                        .with("padding_mode", "reflection")
                                        .with("align_corners", 1)),
                                steps(17, 1, 1, 2, 3, 2),
                                linear(-1.25, 0.1875, 1, 2, 1, 2, 3))
                        .expect(f32(dims(1, 1, 2, 1, 2), -5.5f, -5.5f, -0.5f, 3.5f)),
                OpCase.of(
                                "one axis",
                                GridSample.of(Attributes.none()),
                                steps(17, 1, 2, 5),
                                linear(-1.25, 0.1875, 1, 4, 1))
                        .expect(f32(dims(1, 2, 4), "0 -1.890625 -4.46875 -3.53125 0 -1.546875 -3.65625 -2.53125")),
                OpCase.of(
                                "halves go to the even element",
                                GridSample.of(Attributes.none().with("mode", "nearest")),
                                linear(0, 1, 1, 1, 1, 5),
                                f32(dims(1, 1, 3, 2), -0.6f, 0, 0.2f, 0, -0.2f, 0))
                        .expect(f32(dims(1, 1, 1, 3), 0, 2, 2)),
                OpCase.of(
                                "two instances",
                                GridSample.of(Attributes.none()),
                                steps(17, 2, 1, 2, 2),
                                linear(-1.25, 0.1875, 2, 1, 3, 2))
                        .expect(f32(dims(2, 1, 1, 3), "-0.6015625 -2.7929688 -6.0625 0.0625 -4.8125 -4.5117188")),
                OpCase.of(
                                "integers",
                                GridSample.of(Attributes.none()),
                                ints(DType.INT32, dims(1, 1, 2, 2), 0, 10, -11, 7),
                                f32(dims(1, 1, 2, 2), 0, 0, -0.5f, -0.25f))
                        .expect(ints(DType.INT32, dims(1, 1, 1, 2), 1, -2)),
                OpCase.of(
                                "float64",
                                GridSample.of(Attributes.none()),
                                reals(DType.FLOAT64, dims(1, 1, 2, 2), 0, 1, 2, 3),
                                reals(DType.FLOAT64, dims(1, 1, 2, 2), 0, 0, -0.5, -0.25))
                        .expect(reals(DType.FLOAT64, dims(1, 1, 1, 2), 1.5, 0.5)),
                OpCase.of(
                                "places without a number",
                                GridSample.of(Attributes.none().with("mode", "nearest")),
                                linear(1, 1, 1, 1, 2, 2),
                                f32(dims(1, 1, 3, 2), "NaN 0 Infinity 0 0 -Infinity"))
                        .expect(f32(dims(1, 1, 1, 3), 0, 0, 0)),
                OpCase.of(
                                "places without a number at a border",
                                GridSample.of(Attributes.none()
                                        .with("mode", "nearest")
                                        .with("padding_mode", "border")),
                                linear(1, 1, 1, 1, 2, 2),
                                f32(dims(1, 1, 3, 2), "NaN -1 Infinity -1 0.5 -Infinity"))
                        .expect(f32(dims(1, 1, 1, 3), 1, 2, 2)),
                OpCase.of(
                        "places without a number mirrored",
                        GridSample.of(Attributes.none().with("padding_mode", "reflection")),
                        linear(1, 1, 1, 1, 2, 2),
                        f32(dims(1, 1, 3, 2), Float.NaN, -1, 1.0e+30f, -1, 0.5f, -1.0e+38f)),
                OpCase.of(
                                "one element mirrored",
                                GridSample.of(Attributes.none()
                                        .with("padding_mode", "reflection")
                                        .with("align_corners", 1)),
                                f32(dims(1, 1, 1, 1), 5),
                                f32(dims(1, 1, 1, 2), 3, -7))
                        .expect(f32(dims(1, 1, 1, 1), 5)),
                OpCase.of("no places", GridSample.of(Attributes.none()), steps(13, 1, 1, 3, 4), f32(dims(1, 0, 3, 2)))
                        .expect(f32(dims(1, 1, 0, 3))),
                OpCase.of(
                                "empty image",
                                GridSample.of(Attributes.none()),
                                f32(dims(1, 1, 0, 2)),
                                f32(dims(1, 1, 1, 2), 0, 0))
                        .expect(f32(dims(1, 1, 1, 1), 0)),
                OpCase.of(
                                "border of an empty image",
                                GridSample.of(Attributes.none().with("padding_mode", "border")),
                                f32(dims(1, 1, 0, 2)),
                                f32(dims(1, 1, 1, 2), 0, 0))
                        .fails("an image with elements"),
                OpCase.of(
                                "strings",
                                GridSample.of(Attributes.none().with("mode", "nearest")),
                                Tensor.of(new String[] {"a", "b"}, 1, 1, 1, 2),
                                f32(dims(1, 1, 2, 2), 0.5f, 0, 3, 0))
                        .expect(Tensor.of(new String[] {"b", ""}, 1, 1, 1, 2)),
                OpCase.of(
                                "ranks differ",
                                GridSample.of(Attributes.none()),
                                steps(13, 1, 1, 3, 4),
                                linear(-1.25, 0.1875, 1, 2, 1, 2, 3))
                        .fails("the rank of X"),
                OpCase.of(
                                "instances differ",
                                GridSample.of(Attributes.none()),
                                steps(13, 1, 1, 3, 4),
                                linear(-1.25, 0.1875, 2, 1, 2, 2))
                        .fails("instances of X and of the grid: 1 and 2 differ"),
                OpCase.of(
                                "numbers of a place differ",
                                GridSample.of(Attributes.none()),
                                steps(13, 1, 1, 3, 4),
                                linear(-1.25, 0.1875, 1, 1, 2, 3))
                        .fails("3 and 2 differ"));
    }
}
