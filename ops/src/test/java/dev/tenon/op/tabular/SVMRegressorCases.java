package dev.tenon.op.tabular;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link SVMRegressor}; expectations that are not plain arithmetic are ONNX Runtime's. */
public final class SVMRegressorCases implements OpCases {
    private static final Tensor ROWS = f32(dims(3, 2), 1, 2, -3, 1, 0.5f, 0);
    private static final List<Float> VECTORS = List.of(0f, 1f, 1f, 0f, -1f, -1f);

    private static SVMRegressor op(SvmKernel.Type type, boolean oneClass) {
        SvmKernel kernel = new SvmKernel(type, List.of(0.5f, 0.3f, 2f));
        List<Float> coefficients = List.of(0.5f, 0.7f, -1.2f);
        return new SVMRegressor(kernel, VECTORS, 3, coefficients, List.of(0.1f), oneClass, PostTransform.NONE);
    }

    private static SVMRegressor linear(boolean oneClass) {
        SvmKernel kernel = new SvmKernel(SvmKernel.Type.LINEAR, List.of());
        List<Float> coefficients = List.of(0.5f, 0.25f);
        return new SVMRegressor(kernel, List.of(), 0, coefficients, List.of(0.5f), oneClass, PostTransform.NONE);
    }

    @Override
    public List<OpCase> cases() {
        return List.of(
                // 0.5 * 2 + 0.7 * 1 - 1.2 * -3 + 0.1, and so on.
                OpCase.of("linear", op(SvmKernel.Type.LINEAR, false), ROWS).expect(f32(dims(3, 1), 5.4f, -3.9f, 1.05f)),
                // 0.5 * 1.3^2 + 0.7 * 0.8^2 - 1.2 * 1.2^2 + 0.1, and so on.
                OpCase.of("polynomial", op(SvmKernel.Type.POLY, false), ROWS)
                        .expect(f32(dims(3, 1), -0.335f, -0.6f, 0.35375f)),
                OpCase.of("sigmoid", op(SvmKernel.Type.SIGMOID, false), ROWS)
                        .expect(f32(dims(3, 1), 1.99607301f, -1.18560755f, 0.53607041f)),
                OpCase.of("radial", op(SvmKernel.Type.RBF, false), ROWS)
                        .expect(f32(dims(3, 1), 0.37687030f, 0.08371817f, 0.74908453f)),
                OpCase.of("one class", op(SvmKernel.Type.LINEAR, true), ROWS).expect(f32(dims(3, 1), 1, -1, 1)),
                OpCase.of("without vectors", linear(false), ROWS).expect(f32(dims(3, 1), 1.5f, -0.75f, 0.75f)),
                OpCase.of("without vectors, one class", linear(true), ROWS).expect(f32(dims(3, 1), 1, -1, 1)),
                OpCase.of("int64, a vector", linear(false), ints(DType.INT64, dims(2), 1, 2))
                        .expect(f32(dims(1, 1), 1.5f)),
                OpCase.of("another number of features", linear(false), f32(dims(1, 3), 1, 2, 3))
                        .fails("2 features"));
    }
}
