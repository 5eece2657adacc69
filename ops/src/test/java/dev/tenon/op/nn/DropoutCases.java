package dev.tenon.op.nn;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Dropout}. */
public final class DropoutCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("plain", new Dropout(null), f32(dims(3), 1, Float.NaN, -2))
                        .expect(f32(dims(3), 1, Float.NaN, -2), Tensor.of(new boolean[] {true, true, true}, 3)),
                OpCase.of("without mask", new Dropout(null), f32(dims(3), 1, Float.NaN, -2))
                        .expect(f32(dims(3), 1, Float.NaN, -2)),
                OpCase.of(
                                "ratio does not matter",
                                new Dropout(null),
                                f32(dims(3), 1, Float.NaN, -2),
                                f32(dims(), 0.75f))
                        .expect(f32(dims(3), 1, Float.NaN, -2), Tensor.of(new boolean[] {true, true, true}, 3)),
                OpCase.of(
                                "training_mode false",
                                new Dropout(7L),
                                f32(dims(3), 1, Float.NaN, -2),
                                f32(dims(), 0.5f),
                                Tensor.of(new boolean[] {false}, dims()))
                        .expect(f32(dims(3), 1, Float.NaN, -2), Tensor.of(new boolean[] {true, true, true}, 3)),
                OpCase.of(
                                "training_mode true, ratio 0",
                                new Dropout(null),
                                f32(dims(3), 1, Float.NaN, -2),
                                f32(dims(), 0),
                                Tensor.of(new boolean[] {true}, dims()))
                        .expect(f32(dims(3), 1, Float.NaN, -2), Tensor.of(new boolean[] {true, true, true}, 3)),
                OpCase.of("float16 ratio", new Dropout(null), f32(dims(2, 1), 1, 2), reals(DType.FLOAT16, dims(), 0.5))
                        .expect(f32(dims(2, 1), 1, 2), Tensor.of(new boolean[] {true, true}, 2, 1)),
                OpCase.of("float8", new Dropout(null), reals(DType.FLOAT8E5M2, dims(2), 1, -2))
                        .expect(reals(DType.FLOAT8E5M2, dims(2), 1, -2)),
                OpCase.of("empty", new Dropout(null), f32(dims(0, 2)))
                        .expect(f32(dims(0, 2)), Tensor.of(new boolean[] {}, 0, 2)),
                OpCase.of(
                                "training",
                                new Dropout(null),
                                f32(dims(3), 1, Float.NaN, -2),
                                f32(dims(), 0.5f),
                                Tensor.of(new boolean[] {true}, dims()))
                        .fails("training_mode is true with ratio 0.5"),
                OpCase.of(
                                "training by default ratio",
                                new Dropout(null),
                                f32(dims(3), 1, Float.NaN, -2),
                                null,
                                Tensor.of(new boolean[] {true}, dims()))
                        .fails("training_mode is true"),
                OpCase.of(
                                "ratio is no scalar",
                                new Dropout(null),
                                f32(dims(3), 1, Float.NaN, -2),
                                f32(dims(2), 0.5f, 0.5f))
                        .fails("a scalar"));
    }
}
