package dev.tenon.op.vision;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.steps;

import dev.tenon.op.Attributes;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link MaxRoiPool}. */
public final class MaxRoiPoolCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "plain",
                                MaxRoiPool.of(Attributes.none().with("pooled_shape", new long[] {2, 2})),
                                steps(29, 2, 1, 5, 6),
                                f32(dims(5, 5), "0 0 0 3 3 1 1 1 5 4 0 4 3 9 9 1 -3 -2 1 0.5 0 5 4 2 1"))
                        .expect(f32(dims(5, 1, 2, 2), """
                                8.5 9.5   5.5 12.5   13.5 13.5   12.5 11.5   10.5 0   0 0
                                0 0   0 8.5   -11.5 -11.5   -11.5 -11.5""")),
                OpCase.of(
                                "scale",
                                MaxRoiPool.of(Attributes.none()
                                        .with("pooled_shape", new long[] {1, 3})
                                        .with("spatial_scale", 0.5f)),
                                steps(29, 2, 1, 5, 6),
                                f32(dims(5, 5), "0 0 0 3 3 1 1 1 5 4 0 4 3 9 9 1 -3 -2 1 0.5 0 5 4 2 1"))
                        .expect(f32(dims(5, 1, 1, 3), """
                                1.5 8.5 2.5   -0.5 6.5 13.5   12.5 13.5 13.5   0 -4.5 2.5
                                6.5 6.5 6.5""")),
                OpCase.of(
                                "more bins than elements",
                                MaxRoiPool.of(Attributes.none().with("pooled_shape", new long[] {3, 5})),
                                steps(29, 2, 1, 5, 6),
                                f32(dims(1, 5), 0, 1, 1, 2, 2))
                        .expect(f32(dims(1, 1, 3, 5), """
                                8.5 8.5 8.5 -13.5 -13.5
                                8.5 8.5 8.5 -0.5 -0.5
                                -7.5 -7.5 -0.5 -0.5 -0.5""")),
                OpCase.of(
                                "outside",
                                MaxRoiPool.of(Attributes.none().with("pooled_shape", new long[] {1, 1})),
                                steps(29, 2, 1, 5, 6),
                                f32(dims(1, 5), 0, 20, 20, 30, 30))
                        .expect(f32(dims(1, 1, 1, 1), 0)),
                OpCase.of(
                                "no regions",
                                MaxRoiPool.of(Attributes.none().with("pooled_shape", new long[] {1, 1})),
                                steps(29, 2, 1, 5, 6),
                                f32(dims(0, 5)))
                        .expect(f32(dims(0, 1, 1, 1))),
                OpCase.of(
                                "no such image",
                                MaxRoiPool.of(Attributes.none().with("pooled_shape", new long[] {1, 1})),
                                steps(29, 2, 1, 5, 6),
                                f32(dims(1, 5), 2, 0, 0, 1, 1))
                        .fails("'rois' names image 2.0"),
                OpCase.of(
                                "four numbers",
                                MaxRoiPool.of(Attributes.none().with("pooled_shape", new long[] {1, 1})),
                                steps(29, 2, 1, 5, 6),
                                f32(dims(1, 4), 0, 0, 1, 1))
                        .fails("4 and 5 differ"));
    }
}
