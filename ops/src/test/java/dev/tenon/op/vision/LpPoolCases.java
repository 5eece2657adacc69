package dev.tenon.op.vision;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.reals;
import static dev.tenon.testkit.Literals.steps;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link LpPool}. */
public final class LpPoolCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "plain",
                                LpPool.of(Attributes.none().with("kernel_shape", new long[] {2, 2})),
                                steps(13, 1, 2, 4, 5))
                        .expect(f32(dims(1, 2, 3, 4), """
                                7.4161983 7.81025 8.306623 7.28011
                                7.28011 8.306623 7.81025 7.4161983
                                7 7 7.1414285 7.4161983   7.81025 7.4161983 7.1414285 7
                                7.1414285 7.4161983 7.81025 8.306623
                                8.062258 7.28011 8.306623 7.81025""")),
                OpCase.of(
                                "sum of absolutes",
                                LpPool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2, 3})
                                        .with("p", 1)),
                                steps(13, 1, 2, 4, 5))
                        .expect(f32(dims(1, 2, 3, 3), "22 18 21 21 18 22 17 22 17 22 17 22 17 22 18 19 21 18")),
                OpCase.of(
                                "third order",
                                LpPool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2, 2})
                                        .with("p", 3)
                                        .with("strides", new long[] {2, 2})),
                                steps(13, 1, 2, 4, 5))
                        .expect(f32(dims(1, 2, 2, 2), """
                                6.3184476 7.2526746
                                5.8601937 6.1113467
                                6.933035 6.1113467
                                6.976109 7.2526746""")),
                OpCase.of(
                                "pads",
                                LpPool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {3, 3})
                                        .with("pads", new long[] {1, 1, 1, 1})
                                        .with("strides", new long[] {2, 2})),
                                steps(13, 1, 2, 4, 5))
                        .expect(f32(dims(1, 2, 2, 3), """
                                7.4161983 9.027735 7.28011
                                8.916277 11.58663 9.246621
                                7.81025 7.9686885 7
                                9.137834 11.5 9.354143""")),
                OpCase.of(
                                "dilations",
                                LpPool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2, 2})
                                        .with("dilations", new long[] {2, 2})),
                                steps(13, 1, 2, 4, 5))
                        .expect(f32(dims(1, 2, 2, 3), """
                                5.196152 8.062258 5.196152
                                9 7.1414285 8.6602545
                                8.6602545 8.6602545 7.1414285
                                8.306623 5.196152 8.062258""")),
                OpCase.of(
                                "same upper",
                                LpPool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2, 2})
                                        .with("auto_pad", "SAME_UPPER")),
                                steps(13, 1, 2, 4, 5))
                        .expect(f32(dims(1, 2, 4, 5), """
                                7.4161983 7.81025 8.306623 7.28011 5.700877
                                7.28011 8.306623 7.81025 7.4161983 6.519202
                                7 7 7.1414285 7.4161983 3.535534
                                5.147815 4.7434163 5.700877 5.5226803 0.5
                                7.81025 7.4161983 7.1414285 7 6.363961
                                7.1414285 7.4161983 7.81025 8.306623 4.527693
                                8.062258 7.28011 8.306623 7.81025 3.535534
                                5.700877 4.7434163 5.147815 4.3011627 3.5""")),
                OpCase.of(
                                "one axis",
                                LpPool.of(Attributes.none().with("kernel_shape", new long[] {3})),
                                steps(13, 1, 2, 5))
                        .expect(f32(dims(1, 2, 3), 5.545268f, 6.22495f, 5.3619027f, 8.529361f, 6.538348f, 8.529361f)),
                OpCase.of(
                                "ceil",
                                LpPool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2})
                                        .with("strides", new long[] {2})
                                        .with("ceil_mode", 1)),
                                f32(dims(1, 1, 3), 3, 4, 12))
                        .expect(f32(dims(1, 1, 2), 5, 12)),
                OpCase.of(
                                "NaN and infinity",
                                LpPool.of(Attributes.none().with("kernel_shape", new long[] {2})),
                                f32(dims(1, 1, 4), Float.NaN, 1, Float.POSITIVE_INFINITY, 1))
                        .expect(f32(dims(1, 1, 3), Float.NaN, Float.POSITIVE_INFINITY, Float.POSITIVE_INFINITY)),
                OpCase.of(
                                "float16",
                                LpPool.of(Attributes.none().with("kernel_shape", new long[] {2})),
                                reals(DType.FLOAT16, dims(1, 1, 3), 3, 4, 0))
                        .expect(reals(DType.FLOAT16, dims(1, 1, 2), 5, 4)),
                OpCase.of(
                                "no instances",
                                LpPool.of(Attributes.none().with("kernel_shape", new long[] {2})),
                                f32(dims(0, 1, 3)))
                        .expect(f32(dims(0, 1, 2))),
                OpCase.of(
                                "rank differs",
                                LpPool.of(Attributes.none().with("kernel_shape", new long[] {2})),
                                steps(13, 1, 2, 4, 5))
                        .fails("'X' of shape [1,2,4,5]; allowed rank 3"));
    }
}
