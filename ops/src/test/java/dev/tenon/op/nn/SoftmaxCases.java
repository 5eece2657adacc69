package dev.tenon.op.nn;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.random;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Softmax}. */
public final class SoftmaxCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("row", new Softmax(-1), f32(dims(1, 3), 1, 2, 3))
                        .expect(f32(dims(1, 3), 0.09003057f, 0.24472848f, 0.66524094f)),
                OpCase.of("vector", new Softmax(-1), f32(dims(4), 0.5f, -1, 2, 0))
                        .expect(f32(dims(4), 0.1584447f, 0.035353795f, 0.71009994f, 0.096101575f)),
                OpCase.of("large", new Softmax(-1), f32(dims(1, 4), 1000, 1001, 999, -1000))
                        .expect(f32(dims(1, 4), 0.24472848f, 0.66524094f, 0.09003057f, 0)),
                OpCase.of("first axis", new Softmax(0), linear(-2, 1.5, 3, 2))
                        .expect(f32(dims(3, 2), "0.002355633 0.002355633 0.047314156 0.047314156 0.9503302 0.9503302")),
                OpCase.of("middle axis", new Softmax(1), linear(-3, 0.75, 2, 3, 2))
                        .expect(f32(dims(2, 3, 2), """
                                0.03911257 0.03911257   0.17529039 0.17529039
                                0.785597 0.785597   0.03911257 0.03911257
                                0.17529039 0.17529039   0.785597 0.785597""")),
                OpCase.of("negative axis", new Softmax(-2), linear(-3, 0.5, 2, 2, 3))
                        .expect(f32(dims(2, 2, 3), """
                                0.18242553 0.18242553 0.18242553
                                0.8175745 0.8175745 0.8175745
                                0.18242553 0.18242553 0.18242553
                                0.8175745 0.8175745 0.8175745""")),
                OpCase.of("one element", new Softmax(-1), f32(dims(2, 1), 5, -5))
                        .expect(f32(dims(2, 1), 1, 1)),
                OpCase.of(
                                "minus infinity masks",
                                new Softmax(-1),
                                f32(dims(1, 4), 1, Float.NEGATIVE_INFINITY, 2, Float.NEGATIVE_INFINITY))
                        .expect(f32(dims(1, 4), 0.26894143f, 0, 0.7310586f, 0)),
                OpCase.of(
                                "only minus infinity",
                                new Softmax(-1),
                                f32(dims(1, 2), Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY))
                        .expect(f32(dims(1, 2), Float.NaN, Float.NaN)),
                OpCase.of("infinity", new Softmax(-1), f32(dims(1, 2), Float.POSITIVE_INFINITY, 1))
                        .expect(f32(dims(1, 2), Float.NaN, Float.NaN)),
                OpCase.of("NaN spoils its line", new Softmax(-1), f32(dims(2, 2), Float.NaN, 1, 0, 0))
                        .expect(f32(dims(2, 2), Float.NaN, Float.NaN, 0.5f, 0.5f)),
                OpCase.of("empty line", new Softmax(-1), f32(dims(2, 0))).expect(f32(dims(2, 0))),
                OpCase.of("no lines", new Softmax(-1), f32(dims(0, 3))).expect(f32(dims(0, 3))),
                OpCase.of("float16", new Softmax(-1), reals(DType.FLOAT16, dims(1, 3), 1, 2, 3))
                        .expect(reals(DType.FLOAT16, dims(1, 3), 0.09002685546875, 0.2447509765625, 0.6650390625)),
                OpCase.of("bfloat16", new Softmax(-1), reals(DType.BFLOAT16, dims(1, 3), 1, 2, 3))
                        .expect(reals(DType.BFLOAT16, dims(1, 3), 0.08984375, 0.2451171875, 0.6640625)),
                OpCase.of("float64", new Softmax(-1), reals(DType.FLOAT64, dims(1, 3), 0.1, 0.2, -0.3))
                        .expect(reals(
                                DType.FLOAT64,
                                dims(1, 3),
                                "0.3602966152405401 0.39818934104493603 0.24151404371452387")),
                OpCase.of("random [3, 15]", new Softmax(-1), random(DType.FLOAT32, 1, 3, 15)),
                OpCase.of("random [4, 16]", new Softmax(-1), random(DType.FLOAT32, 2, 4, 16)),
                OpCase.of("random [5, 17]", new Softmax(-1), random(DType.FLOAT32, 3, 5, 17)),
                OpCase.of("random [2, 33]", new Softmax(-1), random(DType.FLOAT32, 4, 2, 33)),
                OpCase.of("random [40, 7]", new Softmax(-1), random(DType.FLOAT32, 5, 40, 7)),
                OpCase.of("random [2, 3, 64]", new Softmax(-1), random(DType.FLOAT32, 6, 2, 3, 64)),
                OpCase.of("random [3, 128]", new Softmax(-1), random(DType.FLOAT32, 7, 3, 128)),
                OpCase.of("random [2, 1000]", new Softmax(-1), random(DType.FLOAT32, 8, 2, 1000)),
                OpCase.of("random [70, 1]", new Softmax(-1), random(DType.FLOAT32, 9, 70, 1)),
                OpCase.of("random, first axis", new Softmax(0), random(DType.FLOAT32, 20, 17, 9)),
                OpCase.of("random, middle axis", new Softmax(1), random(DType.FLOAT32, 21, 3, 18, 20)),
                OpCase.of("axis outside", new Softmax(2), f32(dims(2, 2), 1, 2, 3, 4))
                        .fails("axis 2 is outside for shape [2,2]; allowed [-2, 1]"),
                OpCase.of("scalar", new Softmax(-1), f32(dims(), 1)).fails("axis -1 is outside for shape []"),
                OpCase.of("type outside", new Softmax(-1), ints(DType.INT32, dims(2), 1, 2))
                        .fails("element type i32"));
    }
}
