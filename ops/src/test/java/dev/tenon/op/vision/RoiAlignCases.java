package dev.tenon.op.vision;

import static dev.tenon.testkit.Literals.axes;
import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.reals;
import static dev.tenon.testkit.Literals.steps;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link RoiAlign}. */
public final class RoiAlignCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "avg half_pixel",
                                RoiAlign.of(Attributes.none()
                                        .with("mode", "avg")
                                        .with("coordinate_transformation_mode", "half_pixel")
                                        .with("output_height", 2)
                                        .with("output_width", 2)
                                        .with("sampling_ratio", 2)),
                                steps(29, 2, 1, 5, 6),
                                f32(dims(4, 4), 0, 0, 3, 3, 1, 1, 5, 4, 4, 3, 9, 9, -3, -2, 1, 0.5f),
                                axes(0, 1, 0, 1))
                        .expect(f32(dims(4, 1, 2, 2), """
                                -5.25 -1.4179688   -6.5 -2.78125   -4.9375 2.71875
                                1.875 1.375   -0.6328125 0   0 0   0 0   0 -4.5""")),
                OpCase.of(
                                "avg output_half_pixel",
                                RoiAlign.of(Attributes.none()
                                        .with("mode", "avg")
                                        .with("coordinate_transformation_mode", "output_half_pixel")
                                        .with("output_height", 2)
                                        .with("output_width", 2)
                                        .with("sampling_ratio", 2)),
                                steps(29, 2, 1, 5, 6),
                                f32(dims(4, 4), 0, 0, 3, 3, 1, 1, 5, 4, 4, 3, 9, 9, -3, -2, 1, 0.5f),
                                axes(0, 1, 0, 1))
                        .expect(f32(dims(4, 1, 2, 2), """
                                0.5546875 -4.8046875   -4.3007812 1.78125
                                1.890625 -0.421875   0.09375 1.40625   -2.3671875 0   0 0
                                0 0   0 -2.2109375""")),
                OpCase.of(
                                "max half_pixel",
                                RoiAlign.of(Attributes.none()
                                        .with("mode", "max")
                                        .with("coordinate_transformation_mode", "half_pixel")
                                        .with("output_height", 2)
                                        .with("output_width", 2)
                                        .with("sampling_ratio", 2)),
                                steps(29, 2, 1, 5, 6),
                                f32(dims(4, 4), 0, 0, 3, 3, 1, 1, 5, 4, 4, 3, 9, 9, -3, -2, 1, 0.5f),
                                axes(0, 1, 0, 1))
                        .expect(f32(dims(4, 1, 2, 2), """
                                3.3203125 3.3203125   3.3203125 3.3203125   4.0625 8.4375
                                10.9375 8.4375   9.1875 0   0 0   0 0   0 0""")),
                OpCase.of(
                                "max output_half_pixel",
                                RoiAlign.of(Attributes.none()
                                        .with("mode", "max")
                                        .with("coordinate_transformation_mode", "output_half_pixel")
                                        .with("output_height", 2)
                                        .with("output_width", 2)
                                        .with("sampling_ratio", 2)),
                                steps(29, 2, 1, 5, 6),
                                f32(dims(4, 4), 0, 0, 3, 3, 1, 1, 5, 4, 4, 3, 9, 9, -3, -2, 1, 0.5f),
                                axes(0, 1, 0, 1))
                        .expect(f32(dims(4, 1, 2, 2), """
                                6.5078125 3.7109375   3.0078125 6.8359375
                                5.90625 5.90625   5.46875 5.03125   2.953125 0   0 0   0 0
                                0 1.59375""")),
                OpCase.of(
                                "adaptive",
                                RoiAlign.of(Attributes.none()
                                        .with("output_height", 2)
                                        .with("output_width", 1)),
                                steps(29, 2, 1, 5, 6),
                                f32(dims(4, 4), 0, 0, 3, 3, 1, 1, 5, 4, 4, 3, 9, 9, -3, -2, 1, 0.5f),
                                axes(0, 1, 0, 1))
                        .expect(f32(dims(4, 1, 2, 1), "-3.4583333 -4.7083335 -1.109375 1.625 -1.2333333 0 0 -2.25")),
                OpCase.of(
                                "scale",
                                RoiAlign.of(Attributes.none()
                                        .with("output_height", 1)
                                        .with("output_width", 2)
                                        .with("spatial_scale", 0.5f)),
                                steps(29, 2, 1, 5, 6),
                                f32(dims(4, 4), 0, 0, 3, 3, 1, 1, 5, 4, 4, 3, 9, 9, -3, -2, 1, 0.5f),
                                axes(0, 1, 0, 1))
                        .expect(f32(dims(4, 1, 1, 2), "-7.4375 -3.0625 -2.125 -4.1875 0.38020834 1.125 0 -2.25")),
                OpCase.of(
                                "turned region",
                                RoiAlign.of(Attributes.none()),
                                steps(29, 2, 1, 5, 6),
                                f32(dims(1, 4), 4, 4, 1, 1),
                                axes(0))
                        .expect(f32(dims(1, 1, 1, 1), 0)),
                OpCase.of("no regions", RoiAlign.of(Attributes.none()), steps(29, 2, 1, 5, 6), f32(dims(0, 4)), axes())
                        .expect(f32(dims(0, 1, 1, 1))),
                OpCase.of(
                                "empty image",
                                RoiAlign.of(Attributes.none()),
                                f32(dims(1, 1, 0, 3)),
                                f32(dims(1, 4), 0, 0, 1, 1),
                                axes(0))
                        .expect(f32(dims(1, 1, 1, 1), 0)),
                OpCase.of(
                                "float64",
                                RoiAlign.of(Attributes.none().with("sampling_ratio", 1)),
                                reals(DType.FLOAT64, dims(1, 1, 3, 3), 0, 1, 2, 3, 4, 5, 6, 7, 8),
                                reals(DType.FLOAT64, dims(1, 4), 0.5, 0.5, 2.5, 2.5),
                                axes(0))
                        .expect(reals(DType.FLOAT64, dims(1, 1, 1, 1), 4)),
                OpCase.of(
                                "no such image",
                                RoiAlign.of(Attributes.none()),
                                steps(29, 2, 1, 5, 6),
                                f32(dims(4, 4), 0, 0, 3, 3, 1, 1, 5, 4, 4, 3, 9, 9, -3, -2, 1, 0.5f),
                                axes(0, 1, 2, 0))
                        .fails("'batch_indices' holds 2"),
                OpCase.of(
                                "regions differ",
                                RoiAlign.of(Attributes.none()),
                                steps(29, 2, 1, 5, 6),
                                f32(dims(4, 4), 0, 0, 3, 3, 1, 1, 5, 4, 4, 3, 9, 9, -3, -2, 1, 0.5f),
                                axes(0, 1))
                        .fails("4 and 2 differ"),
                OpCase.of(
                                "enormous region",
                                RoiAlign.of(Attributes.none()),
                                steps(29, 2, 1, 5, 6),
                                f32(dims(1, 4), 0, 0, 1.0e+09f, 1.0e+09f),
                                axes(0))
                        .fails("give a sampling_ratio"));
    }
}
