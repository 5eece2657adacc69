package dev.tenon.op.nn;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.random;
import static dev.tenon.testkit.Literals.reals;
import static dev.tenon.testkit.Literals.steps;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link AveragePool}. */
public final class AveragePoolCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "plain",
                                AveragePool.of(Attributes.none().with("kernel_shape", new long[] {2, 2})),
                                steps(13, 1, 1, 4, 5))
                        .expect(f32(dims(1, 1, 3, 4), "1.25 -1.5 -1 -0.5 0.5 -2.25 -1.75 -1.25 -0.25 0.25 0.75 1.25")),
                OpCase.of(
                                "padding does not count",
                                AveragePool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {3, 3})
                                        .with("pads", new long[] {1, 1, 1, 1})),
                                steps(13, 1, 1, 4, 5))
                        .expect(f32(dims(1, 1, 4, 5), """
                                1.25 -0.6666667 -0.16666667 -1.8333334
                                -0.5
                                0.33333334 -0.5 -0.7222222 -0.9444444
                                -0.33333334
                                0.6666667 -0.16666667 -0.3888889 -0.6111111
                                0
                                -0.25 0 0.5 1
                                1.25""")),
                OpCase.of(
                                "padding counts",
                                AveragePool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {3, 3})
                                        .with("pads", new long[] {1, 1, 1, 1})
                                        .with("count_include_pad", 1)),
                                steps(13, 1, 1, 4, 5))
                        .expect(f32(dims(1, 1, 4, 5), """
                                0.5555556 -0.44444445 -0.11111111 -1.2222222
                                -0.22222222
                                0.22222222 -0.5 -0.7222222 -0.9444444
                                -0.22222222
                                0.44444445 -0.16666667 -0.3888889 -0.6111111
                                0
                                -0.11111111 0 0.33333334 0.6666667
                                0.5555556""")),
                OpCase.of(
                                "strides",
                                AveragePool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2, 3})
                                        .with("strides", new long[] {2, 2})),
                                steps(13, 1, 1, 4, 5))
                        .expect(f32(dims(1, 1, 2, 2), -0.6666667f, -1.8333334f, 0, 1)),
                OpCase.of(
                                "same upper",
                                AveragePool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2, 2})
                                        .with("auto_pad", "SAME_UPPER")
                                        .with("strides", new long[] {2, 2})),
                                steps(13, 1, 1, 4, 5))
                        .expect(f32(dims(1, 1, 2, 3), 1.25f, -1, -3.5f, -0.25f, 0.75f, 1.5f)),
                OpCase.of(
                                "same lower",
                                AveragePool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2, 2})
                                        .with("auto_pad", "SAME_LOWER")),
                                steps(13, 1, 1, 4, 5))
                        .expect(f32(dims(1, 1, 4, 5), """
                                -3.5 0 0.5 1 1.5
                                1 1.25 -1.5 -1 -0.5
                                3.5 0.5 -2.25 -1.75 -1.25
                                -0.5 -0.25 0.25 0.75 1.25""")),
                OpCase.of(
                                "one axis",
                                AveragePool.of(Attributes.none().with("kernel_shape", new long[] {3})),
                                steps(11, 2, 2, 5))
                        .expect(f32(dims(2, 2, 3), """
                                0.8333333 0.5 0.16666667
                                -0.8333333 -1.1666666 -1.5
                                1.1666666 0.8333333 0.5
                                -0.5 -0.8333333 -1.1666666""")),
                OpCase.of(
                                "three axes",
                                AveragePool.of(Attributes.none().with("kernel_shape", new long[] {2, 2, 2})),
                                steps(19, 1, 1, 3, 3, 3))
                        .expect(f32(dims(1, 1, 2, 2, 2), 1, 0.875f, 0.625f, -1.875f, 2.25f, -0.25f, -0.5f, -0.625f)),
                OpCase.of(
                                "dilations",
                                AveragePool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2})
                                        .with("dilations", new long[] {3})),
                                f32(dims(1, 1, 5), 1, 2, 3, 4, 5))
                        .expect(f32(dims(1, 1, 2), 2.5f, 3.5f)),
                OpCase.of(
                                "overhang does not count",
                                AveragePool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {3})
                                        .with("strides", new long[] {2})
                                        .with("ceil_mode", 1)),
                                f32(dims(1, 1, 4), 1, 2, 3, 5))
                        .expect(f32(dims(1, 1, 2), 2, 4)),
                OpCase.of(
                                "overhang does not count where padding does",
                                AveragePool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {3})
                                        .with("strides", new long[] {3})
                                        .with("pads", new long[] {0, 1})
                                        .with("ceil_mode", 1)
                                        .with("count_include_pad", 1)),
                                f32(dims(1, 1, 4), 1, 2, 3, 6))
                        .expect(f32(dims(1, 1, 2), 2, 3)),
                OpCase.of(
                                "padding alone",
                                AveragePool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {1})
                                        .with("pads", new long[] {1, 0})),
                                f32(dims(1, 1, 1), 3))
                        .expect(f32(dims(1, 1, 2), Float.NaN, 3)),
                OpCase.of(
                                "NaN and infinity",
                                AveragePool.of(Attributes.none().with("kernel_shape", new long[] {2})),
                                f32(dims(1, 1, 4), Float.NaN, 1, Float.POSITIVE_INFINITY, 1))
                        .expect(f32(dims(1, 1, 3), Float.NaN, Float.POSITIVE_INFINITY, Float.POSITIVE_INFINITY)),
                OpCase.of(
                                "float16",
                                AveragePool.of(Attributes.none().with("kernel_shape", new long[] {2})),
                                reals(DType.FLOAT16, dims(1, 1, 3), 1, 3, 2))
                        .expect(reals(DType.FLOAT16, dims(1, 1, 2), 2, 2.5)),
                OpCase.of(
                                "float64",
                                AveragePool.of(Attributes.none().with("kernel_shape", new long[] {2})),
                                reals(DType.FLOAT64, dims(1, 1, 3), 1, 3, 2))
                        .expect(reals(DType.FLOAT64, dims(1, 1, 2), 2, 2.5)),
                OpCase.of(
                                "no instances",
                                AveragePool.of(Attributes.none().with("kernel_shape", new long[] {2})),
                                f32(dims(0, 1, 3)))
                        .expect(f32(dims(0, 1, 2))),
                OpCase.of(
                        "random",
                        AveragePool.of(Attributes.none()
                                .with("kernel_shape", new long[] {3, 2})
                                .with("strides", new long[] {2, 2})
                                .with("pads", new long[] {1, 1, 1, 0})),
                        random(DType.FLOAT32, 1, 2, 3, 9, 8)),
                OpCase.of(
                                "rank differs",
                                AveragePool.of(Attributes.none().with("kernel_shape", new long[] {2})),
                                steps(13, 1, 1, 4, 5))
                        .fails("rank 3, as kernel_shape says"));
    }
}
