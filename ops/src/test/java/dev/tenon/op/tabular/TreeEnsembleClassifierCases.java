package dev.tenon.op.tabular;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import dev.tenon.testkit.TreeSketch;
import java.util.ArrayList;
import java.util.List;

/** Cases of {@link TreeEnsembleClassifier}. Expectations for two classes are ONNX Runtime's. */
public final class TreeEnsembleClassifierCases implements OpCases {
    /** Rows on both sides of the threshold of {@link TreeSketch#stump}. */
    private static final Tensor ROWS = f32(dims(2, 1), -1, 1);

    private static final float SIGMOID_03 = 0.574442516811659f;
    private static final float SIGMOID_07 = 0.668187772168166f;

    private static TreeEnsembleClassifier op(TreeSketch s, String transform, float[] base, long... labels) {
        Attributes a = s.attributes().with("classlabels_int64s", labels).with("post_transform", transform);
        return TreeEnsembleClassifier.of(base.length == 0 ? a : a.with("base_values", base));
    }

    private static TreeEnsembleClassifier op(TreeSketch s, String transform, long... labels) {
        return op(s, transform, new float[0], labels);
    }

    private static TreeSketch oneId(long id, double low, double high) {
        return TreeSketch.classes().stump(0, id, low, id, high);
    }

    private static TreeSketch bothIds(double a0, double a1, double b0, double b1) {
        return TreeSketch.classes().stump(0, 0, a0, 0, b0).weight(0, 1, 1, a1).weight(0, 2, 1, b1);
    }

    private static List<OpCase> oneId() {
        return List.of(
                OpCase.of("one id, no negative weight", op(oneId(0, 0.3, 0.7), "NONE", 3, 7), ROWS)
                        .expect(i64(dims(2), 3, 7), f32(dims(2, 2), 0.7f, 0.3f, 0.3f, 0.7f)),
                OpCase.of("one id, no negative weight, logistic", op(oneId(0, 0.3, 0.7), "LOGISTIC", 3, 7), ROWS)
                        .expect(
                                i64(dims(2), 3, 7),
                                f32(dims(2, 2), 1 - SIGMOID_03, SIGMOID_03, 1 - SIGMOID_07, SIGMOID_07)),
                OpCase.of("one id, one half is the first class", op(oneId(0, 0.5, 0.75), "NONE", 3, 7), ROWS)
                        .expect(i64(dims(2), 3, 7), f32(dims(2, 2), 0.5f, 0.5f, 0.25f, 0.75f)),
                OpCase.of("one id, a negative weight", op(oneId(0, -0.3, 0.7), "NONE", 3, 7), ROWS)
                        .expect(i64(dims(2), 3, 7), f32(dims(2, 2), 0.3f, -0.3f, -0.7f, 0.7f)),
                OpCase.of("one id, a negative weight, logistic", op(oneId(0, -0.3, 0.7), "LOGISTIC", 3, 7), ROWS)
                        .expect(
                                i64(dims(2), 3, 7),
                                f32(dims(2, 2), SIGMOID_03, 1 - SIGMOID_03, 1 - SIGMOID_07, SIGMOID_07)),
                OpCase.of("one id, a negative weight, softmax", op(oneId(0, -0.3, 0.7), "SOFTMAX", 3, 7), ROWS)
                        .expect(i64(dims(2), 3, 7), f32(dims(2, 2), 0.3f, -0.3f, -0.7f, 0.7f)),
                OpCase.of("one id, base value", op(oneId(0, -0.25, 0.75), "NONE", new float[] {0.5f}, 3, 7), ROWS)
                        .expect(i64(dims(2), 7, 7), f32(dims(2, 2), -0.25f, 0.25f, -1.25f, 1.25f)),
                OpCase.of("the second id alone", op(oneId(1, 0.3, 0.7), "NONE", 3, 7), ROWS)
                        .expect(i64(dims(2), 3, 7), f32(dims(2, 2), 0, 0.3f, 0, 0.7f)),
                OpCase.of("the second id alone, logistic", op(oneId(1, -0.3, 0.7), "LOGISTIC", 3, 7), ROWS)
                        .expect(i64(dims(2), 3, 7), f32(dims(2, 2), 0.5f, 1 - SIGMOID_03, 0.5f, SIGMOID_07)));
    }

    private static List<OpCase> bothIds() {
        return List.of(
                OpCase.of(
                                "both ids: the second as soon as it is above 0",
                                op(bothIds(0.6, 0.4, 0.3, 0.7), "NONE", 0, 1),
                                ROWS)
                        .expect(i64(dims(2), 1, 1), f32(dims(2, 2), 0.6f, 0.4f, 0.3f, 0.7f)),
                OpCase.of("both ids: the first", op(bothIds(0.6, -0.4, 0.3, 0.7), "NONE", 0, 1), ROWS)
                        .expect(i64(dims(2), 0, 1), f32(dims(2, 2), 0.6f, -0.4f, 0.3f, 0.7f)),
                // e^0.6 : e^-0.4 is e : 1, e^0.3 : e^0.7 is 1 : e^0.4.
                OpCase.of("both ids, softmax", op(bothIds(0.6, -0.4, 0.3, 0.7), "SOFTMAX", 0, 1), ROWS)
                        .expect(i64(dims(2), 0, 1), f32(dims(2, 2), """
                                        0.731058578630005 0.268941421369995
                                        0.401312339887548 0.598687660112452""")),
                OpCase.of(
                                "both ids, base values",
                                op(bothIds(0.5, -1, 0.25, 0.75), "NONE", new float[] {1, 2}, 0, 1),
                                ROWS)
                        .expect(i64(dims(2), 1, 1), f32(dims(2, 2), 1.5f, 1, 1.25f, 2.75f)));
    }

    private static List<OpCase> others() {
        TreeSketch sparse = TreeSketch.classes().stump(0, 2, -0.3, 1, -0.7);
        Attributes strings = TreeSketch.classes()
                .stump(0, 2, 0.5, 1, 0.25)
                .attributes()
                .with("classlabels_strings", List.of("a", "b", "c"));
        return List.of(
                OpCase.of("three classes, of which a row has weights for one", op(sparse, "NONE", 10, 11, 12), ROWS)
                        .expect(i64(dims(2), 12, 11), f32(dims(2, 3), 0, 0, -0.3f, 0, -0.7f, 0)),
                OpCase.of(
                                "three classes, base values",
                                op(sparse, "NONE", new float[] {0.1f, 0.2f, 0.35f}, 10, 11, 12),
                                ROWS)
                        .expect(
                                i64(dims(2), 11, 12),
                                f32(dims(2, 3), 0.1f, 0.2f, 0.35f - 0.3f, 0.1f, 0.2f - 0.7f, 0.35f)),
                OpCase.of(
                                "the first of equals",
                                op(
                                        TreeSketch.classes()
                                                .stump(0, 1, 0.5, 1, 0.5)
                                                .stump(1, 2, 0.5, 0, 0.5),
                                        "NONE",
                                        10,
                                        11,
                                        12),
                                ROWS)
                        .expect(i64(dims(2), 11, 10), f32(dims(2, 3), 0, 0.5f, 0.5f, 0.5f, 0.5f, 0)),
                OpCase.of("strings", TreeEnsembleClassifier.of(strings), ROWS)
                        .expect(Tensor.of(new String[] {"c", "b"}, 2), f32(dims(2, 3), 0, 0, 0.5f, 0, 0.25f, 0)),
                OpCase.of("one class", op(oneId(0, -0.3, 0.7), "NONE", 5), ROWS)
                        .expect(i64(dims(2), 0, 1), f32(dims(2, 1), -0.3f, 0.7f)),
                // Each weight is below half a unit in the last place of the sum, which is a float.
                OpCase.of(
                                "sums are float",
                                op(
                                        TreeSketch.classes()
                                                .stump(0, 0, 0, 0, 0.5)
                                                .stump(1, 0, 0, 0, 0x1p-26)
                                                .stump(2, 0, 0, 0, 0x1p-26)
                                                .stump(3, 0, 0, 0, 0x1p-26)
                                                .stump(4, 0, 0, 0, 0x1p-26),
                                        "NONE",
                                        0,
                                        1),
                                ROWS)
                        .expect(i64(dims(2), 0, 0), f32(dims(2, 2), 1, 0, 0.5f, 0.5f)),
                OpCase.of("labels alone", op(oneId(0, 0.3, 0.7), "NONE", 3, 7), ROWS)
                        .expect(i64(dims(2), 3, 7)),
                OpCase.of("no rows", op(oneId(0, 0.3, 0.7), "NONE", 3, 7), f32(dims(0, 4)))
                        .expect(i64(dims(0)), f32(dims(0, 2))),
                OpCase.of("no features", op(oneId(0, 0.3, 0.7), "NONE", 3, 7), f32(dims(2, 0)))
                        .fails("at least 1 features"));
    }

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>(oneId());
        cases.addAll(bothIds());
        cases.addAll(others());
        return cases;
    }
}
