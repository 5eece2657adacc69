package dev.tenon.op.tabular;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.random;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.ArrayList;
import java.util.List;

/** Cases of {@link LinearClassifier}. */
public final class LinearClassifierCases implements OpCases {
    private static final Tensor ROWS = f32(dims(3, 2), 1, 2, -3, 1, 0.5f, 0);

    private static LinearClassifier binary(PostTransform transform, Labels labels) {
        return new LinearClassifier(List.of(0.5f, 0.25f), List.of(0.125f), labels, transform);
    }

    private static LinearClassifier three(PostTransform transform) {
        List<Float> coefficients = List.of(1f, 0f, 0f, 1f, -1f, -1f);
        return new LinearClassifier(coefficients, List.of(0f, 0f, 1f), Labels.of(4, 5, 6), transform);
    }

    private static LinearClassifier many(int targets, int features) {
        List<Float> coefficients = new ArrayList<>();
        for (float c : random(DType.FLOAT32, 4, targets, features).toFloatArray()) {
            coefficients.add(c);
        }
        long[] labels = new long[targets];
        for (int i = 0; i < targets; i++) {
            labels[i] = 10L * i;
        }
        return new LinearClassifier(coefficients, List.of(), Labels.of(labels), PostTransform.SOFTMAX);
    }

    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("a single score", binary(PostTransform.NONE, Labels.of(3, 7)), ROWS)
                        .expect(
                                i64(dims(3), 7, 3, 7),
                                f32(dims(3, 2), -0.125f, 1.125f, 2.125f, -1.125f, 0.625f, 0.375f)),
                OpCase.of("a single score, softmax", binary(PostTransform.SOFTMAX, Labels.of(3, 7)), ROWS)
                        .expect(
                                i64(dims(3), 7, 3, 7),
                                f32(dims(3, 2), -0.125f, 1.125f, 2.125f, -1.125f, 0.625f, 0.375f)),
                // 1 / (1 + e^-1.125) is 0.754914986867628.
                OpCase.of(
                                "a single score, logistic",
                                binary(PostTransform.LOGISTIC, Labels.of(3, 7)),
                                f32(dims(1, 2), 1, 2))
                        .expect(i64(dims(1), 7), f32(dims(1, 2), 0.245085013132372f, 0.754914986867628f)),
                OpCase.of("a single score and label", binary(PostTransform.NONE, Labels.of(5)), ROWS)
                        .expect(i64(dims(3), 1, 0, 1), f32(dims(3, 1), 1.125f, -1.125f, 0.375f)),
                OpCase.of("strings", binary(PostTransform.NONE, Labels.of("a", "b")), ROWS)
                        .expect(
                                Tensor.of(new String[] {"b", "a", "b"}, 3),
                                f32(dims(3, 2), -0.125f, 1.125f, 2.125f, -1.125f, 0.625f, 0.375f)),
                OpCase.of("three", three(PostTransform.NONE), ROWS)
                        .expect(i64(dims(3), 5, 6, 4), f32(dims(3, 3), 1, 2, -2, -3, 1, 3, 0.5f, 0, 0.5f)),
                // 1 : e : e^-3 are 0.265388 : 0.721399 : 0.013213 of their sum.
                OpCase.of("softmax", three(PostTransform.SOFTMAX), f32(dims(1, 2), 1, 2))
                        .expect(
                                i64(dims(1), 5),
                                f32(dims(1, 3), 0.265387928772242f, 0.721399184187882f, 0.013212886953789f)),
                OpCase.of("doubles", three(PostTransform.NONE), reals(DType.FLOAT64, dims(1, 2), 1, 2))
                        .expect(i64(dims(1), 5), f32(dims(1, 3), 1, 2, -2)),
                OpCase.of("int32", three(PostTransform.NONE), ints(DType.INT32, dims(1, 2), 1, 2))
                        .expect(i64(dims(1), 5), f32(dims(1, 3), 1, 2, -2)),
                OpCase.of("int64, a vector", three(PostTransform.NONE), ints(DType.INT64, dims(2), 1, 2))
                        .expect(i64(dims(1), 5), f32(dims(1, 3), 1, 2, -2)),
                OpCase.of("no intercepts, many", many(17, 13), random(DType.FLOAT32, 5, 33, 13)),
                OpCase.of("no rows", three(PostTransform.NONE), f32(dims(0, 2))).expect(i64(dims(0)), f32(dims(0, 3))),
                // Rows have one feature, so the last three coefficients are not used.
                OpCase.of("fewer features", three(PostTransform.NONE), f32(dims(2, 1), 2, -3))
                        .expect(i64(dims(2), 4, 6), f32(dims(2, 3), 2, 0, 1, -3, 0, 1)),
                OpCase.of("more features", three(PostTransform.NONE), f32(dims(1, 3), 1, 2, 3))
                        .fails("0 to 2 features"));
    }
}
