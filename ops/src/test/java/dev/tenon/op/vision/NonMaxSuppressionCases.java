package dev.tenon.op.vision;

import static dev.tenon.testkit.Literals.axes;
import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;

import dev.tenon.op.Attributes;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link NonMaxSuppression}. */
public final class NonMaxSuppressionCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "suppressed",
                                NonMaxSuppression.of(Attributes.none()),
                                f32(dims(1, 6, 4), """
                                        0 0 1 1   0 0.1 1 1.1   0 -0.1 1 0.9   0 10 1 11
                                        0 10.1 1 11.1   0 100 1 101"""),
                                f32(dims(1, 1, 6), 0.9f, 0.75f, 0.6f, 0.95f, 0.5f, 0.3f),
                                axes(3),
                                f32(dims(1), 0.5f),
                                f32(dims(1), 0))
                        .expect(i64(dims(3, 3), 0, 0, 3, 0, 0, 0, 0, 0, 5)),
                OpCase.of(
                                "limited",
                                NonMaxSuppression.of(Attributes.none()),
                                f32(dims(1, 6, 4), """
                                        0 0 1 1   0 0.1 1 1.1   0 -0.1 1 0.9   0 10 1 11
                                        0 10.1 1 11.1   0 100 1 101"""),
                                f32(dims(1, 1, 6), 0.9f, 0.75f, 0.6f, 0.95f, 0.5f, 0.3f),
                                axes(2),
                                f32(dims(1), 0.5f),
                                f32(dims(1), 0))
                        .expect(i64(dims(2, 3), 0, 0, 3, 0, 0, 0)),
                OpCase.of(
                                "scores",
                                NonMaxSuppression.of(Attributes.none()),
                                f32(dims(1, 6, 4), """
                                        0 0 1 1   0 0.1 1 1.1   0 -0.1 1 0.9   0 10 1 11
                                        0 10.1 1 11.1   0 100 1 101"""),
                                f32(dims(1, 1, 6), 0.9f, 0.75f, 0.6f, 0.95f, 0.5f, 0.3f),
                                axes(9),
                                f32(dims(1), 0.5f),
                                f32(dims(1), 0.4f))
                        .expect(i64(dims(2, 3), 0, 0, 3, 0, 0, 0)),
                OpCase.of(
                                "corners turned",
                                NonMaxSuppression.of(Attributes.none()),
                                f32(dims(1, 6, 4), """
                                        1 1 0 0   0 0.1 1 1.1   0 0.9 1 -0.1   0 10 1 11
                                        1 10.1 0 11.1   1 101 0 100"""),
                                f32(dims(1, 1, 6), 0.9f, 0.75f, 0.6f, 0.95f, 0.5f, 0.3f),
                                axes(3),
                                f32(dims(1), 0.5f),
                                f32(dims(1), 0))
                        .expect(i64(dims(3, 3), 0, 0, 3, 0, 0, 0, 0, 0, 5)),
                OpCase.of(
                                "centres",
                                NonMaxSuppression.of(Attributes.none().with("center_point_box", 1)),
                                f32(dims(1, 6, 4), """
                                        0.5 0.5 1 1   0.5 0.6 1 1   0.5 0.4 1 1
                                        0.5 10.5 1 1   0.5 10.6 1 1   0.5 100.5 1 1"""),
                                f32(dims(1, 1, 6), 0.9f, 0.75f, 0.6f, 0.95f, 0.5f, 0.3f),
                                axes(3),
                                f32(dims(1), 0.5f),
                                f32(dims(1), 0))
                        .expect(i64(dims(3, 3), 0, 0, 3, 0, 0, 0, 0, 0, 5)),
                OpCase.of(
                                "no limit given",
                                NonMaxSuppression.of(Attributes.none()),
                                f32(dims(1, 6, 4), """
                                        0 0 1 1   0 0.1 1 1.1   0 -0.1 1 0.9   0 10 1 11
                                        0 10.1 1 11.1   0 100 1 101"""),
                                f32(dims(1, 1, 6), 0.9f, 0.75f, 0.6f, 0.95f, 0.5f, 0.3f))
                        .expect(i64(dims(0, 3))),
                OpCase.of(
                                "equal scores",
                                NonMaxSuppression.of(Attributes.none()),
                                f32(dims(1, 6, 4), """
                                        0 0 1 1   0 0.1 1 1.1   0 -0.1 1 0.9   0 10 1 11
                                        0 10.1 1 11.1   0 100 1 101"""),
                                f32(dims(1, 1, 6), 1, 1, 1, 1, 1, 1),
                                axes(9),
                                f32(dims(1), 0.5f))
                        .expect(i64(dims(3, 3), 0, 0, 0, 0, 0, 3, 0, 0, 5)),
                OpCase.of(
                                "images and classes",
                                NonMaxSuppression.of(Attributes.none()),
                                f32(dims(2, 2, 4), 0, 0, 1, 1, 0, 5, 1, 6, 0, 0, 1, 1, 0, 5, 1, 6),
                                f32(dims(2, 2, 2), 0.1f, 0.2f, 0.4f, 0.3f, 0.5f, 0.6f, 0.8f, 0.7f),
                                axes(1))
                        .expect(i64(dims(4, 3), 0, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0)),
                OpCase.of(
                                "scores that are not numbers come last",
                                NonMaxSuppression.of(Attributes.none()),
                                f32(dims(1, 2, 4), 0, 0, 1, 1, 0, 5, 1, 6),
                                f32(dims(1, 1, 2), Float.NaN, -1),
                                axes(2))
                        .expect(i64(dims(2, 3), 0, 0, 1, 0, 0, 0)),
                OpCase.of(
                                "exactly the share",
                                NonMaxSuppression.of(Attributes.none()),
                                f32(dims(1, 2, 4), 0, 0, 1, 2, 0, 0, 1, 1),
                                f32(dims(1, 1, 2), 2, 1),
                                axes(2),
                                f32(dims(1), 0.5f))
                        .expect(i64(dims(2, 3), 0, 0, 0, 0, 0, 1)),
                OpCase.of(
                                "no boxes",
                                NonMaxSuppression.of(Attributes.none()),
                                f32(dims(1, 0, 4)),
                                f32(dims(1, 2, 0)),
                                axes(2))
                        .expect(i64(dims(0, 3))),
                OpCase.of(
                                "boxes differ",
                                NonMaxSuppression.of(Attributes.none()),
                                f32(dims(1, 6, 4), """
                                        0 0 1 1   0 0.1 1 1.1   0 -0.1 1 0.9   0 10 1 11
                                        0 10.1 1 11.1   0 100 1 101"""),
                                f32(dims(1, 1, 2), 1, 2),
                                axes(1))
                        .fails("6 and 2 differ"),
                OpCase.of(
                                "numbers of a box",
                                NonMaxSuppression.of(Attributes.none()),
                                f32(dims(1, 1, 3), 1, 2, 3),
                                f32(dims(1, 1, 1), 1),
                                axes(1))
                        .fails("3 and 4 differ"),
                OpCase.of(
                                "two limits",
                                NonMaxSuppression.of(Attributes.none()),
                                f32(dims(1, 6, 4), """
                                        0 0 1 1   0 0.1 1 1.1   0 -0.1 1 0.9   0 10 1 11
                                        0 10.1 1 11.1   0 100 1 101"""),
                                f32(dims(1, 1, 6), 0.9f, 0.75f, 0.6f, 0.95f, 0.5f, 0.3f),
                                axes(1, 2))
                        .fails("'max_output_boxes_per_class' of shape [2]; allowed one element"));
    }
}
