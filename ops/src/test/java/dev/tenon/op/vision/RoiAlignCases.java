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
                        .expect(f32(
                                dims(4, 1, 2, 2),
                                -5.25f,
                                -1.4179688f,
                                -6.5f,
                                -2.78125f,
                                -4.9375f,
                                2.71875f,
                                1.875f,
                                1.375f,
                                -0.6328125f,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                -4.5f)),
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
                        .expect(f32(
                                dims(4, 1, 2, 2),
                                0.5546875f,
                                -4.8046875f,
                                -4.3007812f,
                                1.78125f,
                                1.890625f,
                                -0.421875f,
                                0.09375f,
                                1.40625f,
                                -2.3671875f,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                -2.2109375f)),
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
                        .expect(f32(
                                dims(4, 1, 2, 2),
                                3.3203125f,
                                3.3203125f,
                                3.3203125f,
                                3.3203125f,
                                4.0625f,
                                8.4375f,
                                10.9375f,
                                8.4375f,
                                9.1875f,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0)),
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
                        .expect(f32(
                                dims(4, 1, 2, 2),
                                6.5078125f,
                                3.7109375f,
                                3.0078125f,
                                6.8359375f,
                                5.90625f,
                                5.90625f,
                                5.46875f,
                                5.03125f,
                                2.953125f,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                1.59375f)),
                OpCase.of(
                                "adaptive",
                                RoiAlign.of(Attributes.none()
                                        .with("output_height", 2)
                                        .with("output_width", 1)),
                                steps(29, 2, 1, 5, 6),
                                f32(dims(4, 4), 0, 0, 3, 3, 1, 1, 5, 4, 4, 3, 9, 9, -3, -2, 1, 0.5f),
                                axes(0, 1, 0, 1))
                        .expect(f32(
                                dims(4, 1, 2, 1),
                                -3.4583333f,
                                -4.7083335f,
                                -1.109375f,
                                1.625f,
                                -1.2333333f,
                                0,
                                0,
                                -2.25f)),
                OpCase.of(
                                "scale",
                                RoiAlign.of(Attributes.none()
                                        .with("output_height", 1)
                                        .with("output_width", 2)
                                        .with("spatial_scale", 0.5f)),
                                steps(29, 2, 1, 5, 6),
                                f32(dims(4, 4), 0, 0, 3, 3, 1, 1, 5, 4, 4, 3, 9, 9, -3, -2, 1, 0.5f),
                                axes(0, 1, 0, 1))
                        .expect(f32(
                                dims(4, 1, 1, 2),
                                -7.4375f,
                                -3.0625f,
                                -2.125f,
                                -4.1875f,
                                0.38020834f,
                                1.125f,
                                0,
                                -2.25f)),
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
