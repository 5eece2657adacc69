package dev.tenon.op.vision;

import static dev.tenon.testkit.Literals.axes;
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

/** Cases of {@link Resize}. */
public final class ResizeCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "linear up half_pixel",
                                Resize.of(Attributes.none()
                                        .with("mode", "linear")
                                        .with("coordinate_transformation_mode", "half_pixel")),
                                linear(1, 1, 2, 3),
                                null,
                                f32(dims(2), 2, 1.5f))
                        .expect(f32(dims(4, 4), """
                                1 1.5 2.1666667 2.8333333
                                1.75 2.25 2.9166667 3.5833333
                                3.25 3.75 4.4166665 5.0833335
                                4 4.5 5.1666665 5.8333335""")),
                OpCase.of(
                                "nearest up half_pixel",
                                Resize.of(Attributes.none().with("coordinate_transformation_mode", "half_pixel")),
                                linear(1, 1, 2, 3),
                                null,
                                f32(dims(2), 2, 1.5f))
                        .expect(f32(dims(4, 4), 1, 1, 2, 3, 1, 1, 2, 3, 4, 4, 5, 6, 4, 4, 5, 6)),
                OpCase.of(
                                "linear up half_pixel_symmetric",
                                Resize.of(Attributes.none()
                                        .with("mode", "linear")
                                        .with("coordinate_transformation_mode", "half_pixel_symmetric")),
                                linear(1, 1, 2, 3),
                                null,
                                f32(dims(2), 2, 1.5f))
                        .expect(f32(dims(4, 4), """
                                1 1.6666666 2.3333333 3
                                1.75 2.4166667 3.0833333 3.75
                                3.25 3.9166667 4.5833335 5.25
                                4 4.6666665 5.3333335 6""")),
                OpCase.of(
                                "nearest up half_pixel_symmetric",
                                Resize.of(Attributes.none()
                                        .with("coordinate_transformation_mode", "half_pixel_symmetric")),
                                linear(1, 1, 2, 3),
                                null,
                                f32(dims(2), 2, 1.5f))
                        .expect(f32(dims(4, 4), 1, 2, 2, 3, 1, 2, 2, 3, 4, 5, 5, 6, 4, 5, 5, 6)),
                OpCase.of(
                                "linear up align_corners",
                                Resize.of(Attributes.none()
                                        .with("mode", "linear")
                                        .with("coordinate_transformation_mode", "align_corners")),
                                linear(1, 1, 2, 3),
                                null,
                                f32(dims(2), 2, 1.5f))
                        .expect(f32(dims(4, 4), """
                                1 1.5714285 2.142857 2.7142856
                                2 2.5714285 3.142857 3.7142856
                                3 3.5714285 4.142857 4.714286
                                4 4.571429 5.142857 5.714286""")),
                OpCase.of(
                                "nearest up align_corners",
                                Resize.of(Attributes.none().with("coordinate_transformation_mode", "align_corners")),
                                linear(1, 1, 2, 3),
                                null,
                                f32(dims(2), 2, 1.5f))
                        .expect(f32(dims(4, 4), 1, 2, 2, 3, 1, 2, 2, 3, 4, 5, 5, 6, 4, 5, 5, 6)),
                OpCase.of(
                                "linear up asymmetric",
                                Resize.of(Attributes.none()
                                        .with("mode", "linear")
                                        .with("coordinate_transformation_mode", "asymmetric")),
                                linear(1, 1, 2, 3),
                                null,
                                f32(dims(2), 2, 1.5f))
                        .expect(f32(dims(4, 4), """
                                1 1.6666666 2.3333333 3
                                2.5 3.1666667 3.8333333 4.5
                                4 4.6666665 5.3333335 6
                                4 4.6666665 5.3333335 6""")),
                OpCase.of(
                                "nearest up asymmetric",
                                Resize.of(Attributes.none().with("coordinate_transformation_mode", "asymmetric")),
                                linear(1, 1, 2, 3),
                                null,
                                f32(dims(2), 2, 1.5f))
                        .expect(f32(dims(4, 4), 1, 2, 2, 3, 1, 2, 2, 3, 4, 5, 5, 6, 4, 5, 5, 6)),
                OpCase.of(
                                "one element of pytorch_half_pixel",
                                Resize.of(Attributes.none()
                                        .with("mode", "cubic")
                                        .with("coordinate_transformation_mode", "pytorch_half_pixel")),
                                linear(1, 1, 1, 4),
                                null,
                                null,
                                axes(1, 1))
                        .expect(f32(dims(1, 1), 1)),
                OpCase.of(
                                "pytorch_half_pixel",
                                Resize.of(Attributes.none()
                                        .with("mode", "linear")
                                        .with("coordinate_transformation_mode", "pytorch_half_pixel")),
                                linear(1, 1, 1, 5),
                                null,
                                null,
                                axes(1, 3))
                        .expect(f32(dims(1, 3), 1.3333334f, 3, 4.6666665f)),
                OpCase.of(
                                "nearest round_prefer_floor",
                                Resize.of(Attributes.none().with("nearest_mode", "round_prefer_floor")),
                                linear(1, 1, 8),
                                null,
                                null,
                                axes(4))
                        .expect(f32(dims(4), 1, 3, 5, 7)),
                OpCase.of(
                                "nearest round_prefer_ceil",
                                Resize.of(Attributes.none().with("nearest_mode", "round_prefer_ceil")),
                                linear(1, 1, 8),
                                null,
                                null,
                                axes(4))
                        .expect(f32(dims(4), 2, 4, 6, 8)),
                OpCase.of(
                                "nearest floor",
                                Resize.of(Attributes.none().with("nearest_mode", "floor")),
                                linear(1, 1, 8),
                                null,
                                null,
                                axes(4))
                        .expect(f32(dims(4), 1, 3, 5, 7)),
                OpCase.of(
                                "nearest asymmetric floor",
                                Resize.of(Attributes.none()
                                        .with("nearest_mode", "floor")
                                        .with("coordinate_transformation_mode", "asymmetric")),
                                linear(1, 1, 5),
                                null,
                                null,
                                axes(8))
                        .expect(f32(dims(8), 1, 1, 2, 2, 3, 4, 4, 5)),
                OpCase.of(
                                "nearest ceil",
                                Resize.of(Attributes.none().with("nearest_mode", "ceil")),
                                linear(1, 1, 8),
                                null,
                                null,
                                axes(4))
                        .expect(f32(dims(4), 2, 4, 6, 8)),
                OpCase.of(
                                "nearest asymmetric ceil",
                                Resize.of(Attributes.none()
                                        .with("nearest_mode", "ceil")
                                        .with("coordinate_transformation_mode", "asymmetric")),
                                linear(1, 1, 5),
                                null,
                                null,
                                axes(8))
                        .expect(f32(dims(8), 1, 2, 3, 3, 4, 5, 5, 5)),
                OpCase.of(
                                "former half pixel of tensorflow",
                                Resize.of(Attributes.none()
                                        .with("coordinate_transformation_mode", "tf_half_pixel_for_nn")),
                                linear(1, 1, 1, 1, 4, 4),
                                null,
                                null,
                                axes(1, 1, 3, 2))
                        .expect(f32(dims(1, 1, 3, 2), 6, 8, 10, 12, 14, 16)),
                OpCase.of(
                                "cubic up",
                                Resize.of(Attributes.none().with("mode", "cubic")),
                                linear(1, 1, 2, 3),
                                null,
                                f32(dims(2), 2, 2))
                        .expect(f32(dims(4, 6), """
                                0.578125 0.875 1.3515625 2.015625 2.4921875
                                2.7890625
                                1.5742188 1.8710938 2.3476562 3.0117188 3.4882812
                                3.7851562
                                3.2148438 3.5117188 3.9882812 4.6523438 5.1289062
                                5.4257812
                                4.2109375 4.5078125 4.984375 5.6484375 6.125
                                6.421875""")),
                OpCase.of(
                                "cubic down",
                                Resize.of(Attributes.none()
                                        .with("mode", "cubic")
                                        .with("cubic_coeff_a", -0.5f)
                                        .with("exclude_outside", 1)),
                                linear(1, 1, 1, 1, 4, 4),
                                null,
                                f32(dims(4), 1, 1, 0.75f, 0.75f))
                        .expect(f32(dims(1, 1, 3, 3), """
                                1.5142232 2.9113786 4.308534
                                7.1028447 8.5 9.897156
                                12.691466 14.088621 15.485777""")),
                OpCase.of(
                                "linear down",
                                Resize.of(Attributes.none().with("mode", "linear")),
                                steps(13, 2, 7),
                                null,
                                null,
                                axes(2, 3))
                        .expect(f32(dims(2, 3), 1.1666666f, 4.5f, 3.5f, -1.8333334f, 1.5f, 0.5f)),
                OpCase.of(
                                "linear antialias",
                                Resize.of(
                                        Attributes.none().with("mode", "linear").with("antialias", 1)),
                                steps(13, 2, 7),
                                null,
                                null,
                                axes(2, 3))
                        .expect(f32(dims(2, 3), -0.6875f, 1.4411764f, 1.5625f, -3.6875f, -1.5588236f, -1.4375f)),
                OpCase.of(
                                "cubic antialias",
                                Resize.of(
                                        Attributes.none().with("mode", "cubic").with("antialias", 1)),
                                steps(13, 5, 7),
                                null,
                                f32(dims(2), 0.75f, 0.5f))
                        .expect(f32(dims(3, 3), """
                                -1.8723333 0.104552664 1.5072199
                                -1.2792441 -0.16439398 0.3637556
                                -0.58072156 -0.4061233 -0.16219527""")),
                OpCase.of(
                                "cubic antialias without outside",
                                Resize.of(Attributes.none()
                                        .with("mode", "cubic")
                                        .with("antialias", 1)
                                        .with("exclude_outside", 1)),
                                steps(13, 7),
                                null,
                                f32(dims(1), 0.5f))
                        .expect(f32(dims(3), -0.57276505f, 1.0259117f, 2.1970804f)),
                OpCase.of(
                                "antialias up",
                                Resize.of(
                                        Attributes.none().with("mode", "linear").with("antialias", 1)),
                                linear(1, 1, 3),
                                null,
                                f32(dims(1), 2))
                        .expect(f32(dims(6), 1, 1.25f, 1.75f, 2.25f, 2.75f, 3)),
                OpCase.of(
                                "axes",
                                Resize.of(
                                        Attributes.none().with("mode", "linear").with("axes", new long[] {2, 0})),
                                steps(11, 2, 3, 2),
                                null,
                                null,
                                axes(4, 3))
                        .expect(f32(dims(3, 3, 4), """
                                -2.5 -0.75 2.75 4.5   0.5 -0.5 -2.5 -3.5
                                3.5 2.5 0.5 -0.5   -3.5 -1.75 1.75 3.5
                                -0.5 -1.5 -3.5 -4.5   2.5 1.5 -0.5 -1.5
                                -4.5 -2.75 0.75 2.5   -1.5 -2.5 -4.5 -5.5
                                1.5 0.5 -1.5 -2.5""")),
                OpCase.of(
                                "negative axis",
                                Resize.of(Attributes.none().with("axes", new long[] {-1})),
                                steps(11, 2, 3),
                                null,
                                f32(dims(1), 2))
                        .expect(f32(dims(2, 6), "-2.5 -2.5 4.5 4.5 0.5 0.5 -3.5 -3.5 3.5 3.5 -0.5 -0.5")),
                OpCase.of(
                                "not larger",
                                Resize.of(Attributes.none()
                                        .with("axes", new long[] {2, 3})
                                        .with("keep_aspect_ratio_policy", "not_larger")),
                                linear(1, 1, 1, 1, 2, 4),
                                null,
                                null,
                                axes(7, 8))
                        .expect(f32(dims(1, 1, 4, 8), """
                                1 1 2 2 3 3 4 4
                                1 1 2 2 3 3 4 4
                                5 5 6 6 7 7 8 8
                                5 5 6 6 7 7 8 8""")),
                OpCase.of(
                                "not smaller",
                                Resize.of(Attributes.none()
                                        .with("axes", new long[] {2, 3})
                                        .with("keep_aspect_ratio_policy", "not_smaller")),
                                linear(1, 1, 1, 1, 2, 4),
                                null,
                                null,
                                axes(3, 3))
                        .expect(f32(dims(1, 1, 3, 6), 1, 1, 2, 3, 3, 4, 1, 1, 2, 3, 3, 4, 5, 5, 6, 7, 7, 8)),
                OpCase.of(
                                "crop",
                                Resize.of(Attributes.none()
                                        .with("mode", "linear")
                                        .with("coordinate_transformation_mode", "tf_crop_and_resize")),
                                linear(1, 1, 1, 1, 4, 4),
                                f32(dims(8), 0, 0, 0.25f, 0.5f, 1, 1, 0.75f, 1),
                                null,
                                axes(1, 1, 3, 3))
                        .expect(f32(dims(1, 1, 3, 3), 5.5f, 6.25f, 7, 8.5f, 9.25f, 10, 11.5f, 12.25f, 13)),
                OpCase.of(
                                "crop beyond the border",
                                Resize.of(Attributes.none()
                                        .with("mode", "linear")
                                        .with("coordinate_transformation_mode", "tf_crop_and_resize")
                                        .with("extrapolation_value", 10f)),
                                linear(1, 1, 1, 1, 4, 4),
                                f32(dims(8), 0, 0, -0.25f, 0.5f, 1, 1, 0.75f, 1.5f),
                                null,
                                axes(1, 1, 3, 3))
                        .expect(f32(dims(1, 1, 3, 3), 10, 10, 10, 5.5f, 7, 10, 11.5f, 13, 10)),
                OpCase.of(
                                "crop one row",
                                Resize.of(Attributes.none()
                                        .with("axes", new long[] {2, 3})
                                        .with("coordinate_transformation_mode", "tf_crop_and_resize")
                                        .with("mode", "linear")),
                                linear(1, 1, 1, 1, 4, 4),
                                f32(dims(4), 0.25f, 0.5f, 0.75f, 1),
                                null,
                                axes(1, 2))
                        .expect(f32(dims(1, 1, 1, 2), 8.5f, 10)),
                OpCase.of(
                                "empty operands",
                                Resize.of(Attributes.none()),
                                linear(1, 1, 2),
                                f32(dims(0)),
                                f32(dims(0)),
                                axes(4))
                        .expect(f32(dims(4), 1, 1, 2, 2)),
                OpCase.of("empty data", Resize.of(Attributes.none()), f32(dims(0, 2)), null, f32(dims(2), 2, 2))
                        .expect(f32(dims(0, 4))),
                OpCase.of("to nothing", Resize.of(Attributes.none()), linear(1, 1, 3), null, f32(dims(1), 0.25f))
                        .expect(f32(dims(0))),
                OpCase.of(
                                "integers are cut",
                                Resize.of(Attributes.none().with("mode", "linear")),
                                ints(DType.INT32, dims(3), 0, 10, -11),
                                null,
                                f32(dims(1), 2))
                        .expect(ints(DType.INT32, dims(6), 0, 2, 7, 4, -5, -11)),
                OpCase.of(
                                "antialiased bytes are rounded",
                                Resize.of(
                                        Attributes.none().with("mode", "linear").with("antialias", 1)),
                                ints(DType.UINT8, dims(6), 0, 1, 2, 3, 10, 255),
                                null,
                                f32(dims(1), 0.5f))
                        .expect(ints(DType.UINT8, dims(3), 1, 3, 132)),
                OpCase.of(
                                "float16",
                                Resize.of(Attributes.none().with("mode", "linear")),
                                reals(DType.FLOAT16, dims(3), 1, 2, 4),
                                null,
                                f32(dims(1), 2))
                        .expect(reals(DType.FLOAT16, dims(6), 1, 1.25, 1.75, 2.5, 3.5, 4)),
                OpCase.of(
                                "float64",
                                Resize.of(Attributes.none().with("mode", "cubic")),
                                reals(DType.FLOAT64, dims(3), 1, 2, 4),
                                null,
                                f32(dims(1), 2))
                        .expect(reals(
                                DType.FLOAT64, dims(6), "0.89453125 1.15625 1.5625 2.55859375 3.58203125 4.2109375")),
                OpCase.of(
                                "scales in float32",
                                Resize.of(Attributes.none()
                                        .with("mode", "nearest")
                                        .with("coordinate_transformation_mode", "asymmetric")
                                        .with("nearest_mode", "floor")),
                                linear(0, 1, 10),
                                null,
                                f32(dims(1), 0.7f))
                        .expect(f32(dims(7), 0, 1, 2, 4, 5, 7, 8)),
                OpCase.of(
                                "NaN beside",
                                Resize.of(Attributes.none().with("mode", "linear")),
                                f32(dims(4), 1, Float.NaN, 3, 4),
                                null,
                                f32(dims(1), 2))
                        .expect(f32(dims(8), 1, Float.NaN, Float.NaN, Float.NaN, Float.NaN, 3.25f, 3.75f, 4)),
                OpCase.of(
                                "strings",
                                Resize.of(Attributes.none()),
                                Tensor.of(new String[] {"a", "b"}),
                                null,
                                null,
                                axes(4))
                        .expect(Tensor.of(new String[] {"a", "a", "b", "b"})),
                OpCase.of(
                                "linear strings",
                                Resize.of(Attributes.none().with("mode", "linear")),
                                Tensor.of(new String[] {"a", "b"}),
                                null,
                                null,
                                axes(4))
                        .fails("mode 'linear' for elements of type string"),
                OpCase.of("neither", Resize.of(Attributes.none()), linear(1, 1, 2, 3))
                        .fails("neither scales nor sizes"),
                OpCase.of(
                                "both",
                                Resize.of(Attributes.none()),
                                linear(1, 1, 2, 3),
                                null,
                                f32(dims(2), 2, 2),
                                axes(2, 2))
                        .fails("both scales and sizes"),
                OpCase.of("too few scales", Resize.of(Attributes.none()), linear(1, 1, 2, 3), null, f32(dims(1), 2))
                        .fails("'scales' of shape [1]; allowed [2]"),
                OpCase.of("scale of 0", Resize.of(Attributes.none()), linear(1, 1, 3), null, f32(dims(1), 0))
                        .fails("'scales' holds 0.0"),
                OpCase.of("negative size", Resize.of(Attributes.none()), linear(1, 1, 3), null, null, axes(-1))
                        .fails("'sizes' [-1] holds -1"),
                OpCase.of("from nothing", Resize.of(Attributes.none()), f32(dims(0)), null, null, axes(2))
                        .fails("an X with elements"),
                OpCase.of(
                                "no region",
                                Resize.of(
                                        Attributes.none().with("coordinate_transformation_mode", "tf_crop_and_resize")),
                                linear(1, 1, 3),
                                null,
                                null,
                                axes(2))
                        .fails("no 'roi'"),
                OpCase.of(
                                "enormous",
                                Resize.of(Attributes.none()),
                                linear(1, 1, 3),
                                null,
                                null,
                                axes(4611686018427387904L))
                        .fails(""),
                OpCase.of(
                                "axis twice",
                                Resize.of(Attributes.none().with("axes", new long[] {1, -1})),
                                linear(1, 1, 2, 3),
                                null,
                                f32(dims(2), 2, 2))
                        .fails("axis -1 is given twice"));
    }
}
