package dev.tenon.op.tabular;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link SVMClassifier}; expectations that are not plain arithmetic are ONNX Runtime's. */
public final class SVMClassifierCases implements OpCases {
    private static final Tensor ROWS = f32(dims(3, 2), 1, 2, -3, 1, 0.5f, 0);
    private static final List<Float> VECTORS = List.of(0f, 1f, 1f, 0f, -1f, -1f);

    private static SvmKernel kernel(SvmKernel.Type type) {
        return new SvmKernel(type, List.of(0.5f, 0.3f, 3f));
    }

    private static SVMClassifier two(SvmKernel kernel, PostTransform transform, boolean probabilities) {
        return new SVMClassifier(
                kernel,
                VECTORS,
                List.of(2L, 1L),
                List.of(0.5f, 0.7f, -1.2f),
                List.of(0.1f),
                probabilities ? List.of(-1.5f) : List.of(),
                probabilities ? List.of(0.2f) : List.of(),
                Labels.of(3, 7),
                transform);
    }

    private static SVMClassifier three(SvmKernel.Type type, boolean probabilities) {
        return new SVMClassifier(
                kernel(type),
                VECTORS,
                List.of(1L, 1L, 1L),
                List.of(0.5f, 0.7f, -1.2f, 0.4f, -0.6f, 0.9f),
                List.of(0.1f, -0.2f, 0.3f),
                probabilities ? List.of(-1f, -1.1f, -0.9f) : List.of(),
                probabilities ? List.of(0.1f, 0f, -0.1f) : List.of(),
                Labels.of(3, 7, 9),
                PostTransform.NONE);
    }

    private static SVMClassifier linear(Labels labels, Float... coefficients) {
        return new SVMClassifier(
                new SvmKernel(SvmKernel.Type.LINEAR, List.of()),
                List.of(),
                List.of(),
                List.of(coefficients),
                List.of(0.5f),
                List.of(),
                List.of(),
                labels,
                PostTransform.NONE);
    }

    @Override
    public List<OpCase> cases() {
        SvmKernel rbf = new SvmKernel(SvmKernel.Type.RBF, List.of(0.5f, 0f, 3f));
        return List.of(
                OpCase.of("two classes", two(rbf, PostTransform.NONE, false), ROWS)
                        .expect(i64(dims(3), 3, 3, 3), f32(dims(3, 2), """
                                        -0.37687030 0.37687030
                                        -0.08371817 0.08371817
                                        -0.74908453 0.74908453""")),
                OpCase.of("two classes, transformed", two(rbf, PostTransform.SOFTMAX, false), ROWS)
                        .expect(
                                i64(dims(3), 3, 3, 3),
                                f32(dims(3, 2), "0.62312973 0.37687030 0.91628182 0.08371817 0.25091547 0.74908453")),
                OpCase.of("two classes, logistic", two(rbf, PostTransform.LOGISTIC, false), ROWS)
                        .expect(
                                i64(dims(3), 3, 3, 3),
                                f32(dims(3, 2), "0.406882 0.593118 0.47908264 0.52091736 0.32102078 0.6789792")),
                OpCase.of("two classes, probabilities", two(rbf, PostTransform.NONE, true), ROWS)
                        .expect(
                                i64(dims(3), 3, 3, 3),
                                f32(dims(3, 2), "0.58991802 0.41008190 0.48140192 0.51859820 0.71578038 0.28421947")),
                // Decisions: 0.5 * 2 + 0.7 * 1 + 0.1; 0.4 * 2 - 1.2 * -3 - 0.2; -0.6 * 1 + 0.9 * -3 + 0.3, and so on.
                OpCase.of("three classes, linear", three(SvmKernel.Type.LINEAR, false), ROWS)
                        .expect(
                                i64(dims(3), 3, 7, 3),
                                f32(dims(3, 3), 1.8f, 4.2f, -3, -1.5f, -2.2f, 3.9f, 0.45f, 0.4f, -0.45f)),
                OpCase.of("three classes, polynomial", three(SvmKernel.Type.POLY, false), ROWS)
                        .expect(i64(dims(3), 3, 7, 3), f32(dims(3, 3), """
                                        1.5569 2.7524 -1.5624
                                        -0.8536 -2.6316 3.3141
                                        0.2299625 -0.18935 0.2002875""")),
                OpCase.of("three classes, sigmoid", three(SvmKernel.Type.SIGMOID, false), ROWS)
                        .expect(i64(dims(3), 3, 7, 3), f32(dims(3, 3), """
                                        0.99568743 1.14507484 -0.84871125
                                        -0.15153977 -0.96845311 1.57574368
                                        0.59602046 -0.14342502 0.04465039""")),
                OpCase.of("three classes, radial", three(SvmKernel.Type.RBF, false), ROWS)
                        .expect(i64(dims(3), 3, 3, 9), f32(dims(3, 3), """
                                        0.37867442 -0.05465235 0.22015193
                                        0.10569692 -0.21753517 0.31636199
                                        0.98537856 -0.22218944 -0.05227764""")),
                OpCase.of("three classes, probabilities", three(SvmKernel.Type.RBF, true), ROWS)
                        .expect(i64(dims(3), 3, 3, 9), f32(dims(3, 3), """
                                        0.35992402 0.33099014 0.30908561
                                        0.31202289 0.37586895 0.31210804
                                        0.38264757 0.24901935 0.36833319""")),
                OpCase.of("without vectors", linear(Labels.of(3, 7, 9), 0.5f, 0.25f, -0.5f, -0.25f, 0.125f, 1f), ROWS)
                        .expect(
                                i64(dims(3), 9, 7, 3),
                                f32(dims(3, 3), 1.5f, -0.5f, 2.625f, -0.75f, 1.75f, 1.125f, 0.75f, 0.25f, 0.5625f)),
                OpCase.of("without vectors, two classes", linear(Labels.of(3, 7), 0.5f, 0.25f, -0.5f, -0.25f), ROWS)
                        .expect(i64(dims(3), 7, 7, 7), f32(dims(3, 2), 1.5f, -0.5f, -0.75f, 1.75f, 0.75f, 0.25f)),
                OpCase.of("strings", linear(Labels.of("a", "b", "c"), 0f, 0f, 1f, 0f, 0f, 1f), ROWS)
                        .expect(
                                Tensor.of(new String[] {"c", "c", "b"}, 3),
                                f32(dims(3, 3), 0.5f, 1.5f, 2.5f, 0.5f, -2.5f, 1.5f, 0.5f, 1, 0.5f)),
                OpCase.of("many rows", three(SvmKernel.Type.RBF, true), random(DType.FLOAT32, 2, 40, 2)),
                OpCase.of("another number of features", two(rbf, PostTransform.NONE, false), f32(dims(1, 3), 1, 2, 3))
                        .fails("2 features"));
    }
}
