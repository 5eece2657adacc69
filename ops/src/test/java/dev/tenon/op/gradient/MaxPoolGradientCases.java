package dev.tenon.op.gradient;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link MaxPoolGradient}. */
public final class MaxPoolGradientCases implements OpCases {
    private static MaxPoolGradient pool(long[] kernel, long[] strides, long... pads) {
        return MaxPoolGradient.of(Attributes.none()
                .with("kernel_shape", kernel)
                .with("strides", strides)
                .with("pads", pads));
    }

    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "windows that do not meet",
                                pool(dims(2), dims(2), 0, 0),
                                f32(dims(1, 1, 5), 1, 3, 4, 2, 9),
                                f32(dims(1, 1, 2), 10, 20))
                        .expect(f32(dims(1, 1, 5), 0, 10, 20, 0, 0)),
                OpCase.of(
                                "one maximum of two windows",
                                pool(dims(2), dims(1), 0, 0),
                                f32(dims(1, 1, 3), 1, 3, 2),
                                f32(dims(1, 1, 2), 10, 20))
                        .expect(f32(dims(1, 1, 3), 0, 30, 0)),
                OpCase.of(
                                "of equal elements the first",
                                pool(dims(1, 3), dims(1, 3), 0, 0, 0, 0),
                                f32(dims(1, 1, 1, 3), 2, 2, 2),
                                f32(dims(1, 1, 1, 1), 5))
                        .expect(f32(dims(1, 1, 1, 3), 5, 0, 0)),
                OpCase.of(
                                "NaN is a maximum",
                                pool(dims(3), dims(3), 0, 0),
                                f32(dims(1, 1, 3), "7 NaN NaN"),
                                f32(dims(1, 1, 1), 5))
                        .expect(f32(dims(1, 1, 3), 0, 5, 0)),
                OpCase.of(
                                "two channels with padding",
                                pool(dims(2, 2), dims(2, 2), 1, 1, 1, 1),
                                f32(dims(1, 2, 2, 2), 1, 2, 3, 4, 8, 7, 6, 5),
                                f32(dims(1, 2, 2, 2), 10, 20, 30, 40, 50, 60, 70, 80))
                        .expect(f32(dims(1, 2, 2, 2), 10, 20, 30, 40, 50, 60, 70, 80)),
                OpCase.of(
                        "random, overlapping",
                        pool(dims(3, 3), dims(2, 2), 1, 1, 1, 1),
                        random(DType.FLOAT32, 1, 2, 3, 13, 40),
                        random(DType.FLOAT32, 2, 2, 3, 7, 20)),
                OpCase.of(
                        "random, three spatial axes",
                        pool(dims(2, 2, 2), dims(1, 1, 1), 0, 0, 0, 0, 0, 0),
                        random(DType.FLOAT32, 1, 1, 2, 4, 5, 6),
                        random(DType.FLOAT32, 2, 1, 2, 3, 4, 5)),
                OpCase.of(
                        "random doubles",
                        pool(dims(2), dims(1), 0, 0),
                        random(DType.FLOAT64, 1, 1, 2, 9),
                        random(DType.FLOAT64, 2, 1, 2, 8)),
                OpCase.of("no samples", pool(dims(2), dims(1), 0, 0), f32(dims(0, 1, 3)), f32(dims(0, 1, 2)))
                        .expect(f32(dims(0, 1, 3))),
                OpCase.of(
                                "a gradient of other windows",
                                pool(dims(2), dims(1), 0, 0),
                                f32(dims(1, 1, 3), 1, 3, 2),
                                f32(dims(1, 1, 3), 1, 2, 3))
                        .fails("dY of shape"));
    }
}
