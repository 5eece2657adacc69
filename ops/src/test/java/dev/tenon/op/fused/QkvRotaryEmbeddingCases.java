package dev.tenon.op.fused;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.op.attention.RotaryEmbedding;
import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link QkvRotaryEmbedding}: a quarter turn makes (-b, a) of (a, b). */
public final class QkvRotaryEmbeddingCases implements OpCases {
    private static QkvRotaryEmbedding heads(boolean interleaved, long rotated, long values, long width) {
        return new QkvRotaryEmbedding(new RotaryEmbedding(interleaved, rotated, width), values);
    }

    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "values stay",
                                heads(false, 2, 1, 0),
                                f32(dims(1, 2, 6), 1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6),
                                f32(dims(1, 2, 1), 0, 1),
                                f32(dims(1, 2, 1), 1, 0))
                        .expect(f32(dims(1, 2, 6), -2, 1, -4, 3, 5, 6, -1, -2, -3, -4, -5, -6)),
                OpCase.of(
                                "tables by position",
                                heads(false, 2, 1, 0),
                                f32(dims(1, 2, 6), 1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6),
                                f32(dims(2, 1), 0, 1),
                                f32(dims(2, 1), 1, 0),
                                i64(dims(1, 2), 1, 0))
                        .expect(f32(dims(1, 2, 6), 1, 2, 3, 4, 5, 6, 2, -1, 4, -3, -5, -6)),
                OpCase.of(
                                "a part of each head",
                                heads(true, 2, 1, 2),
                                f32(dims(1, 1, 9), 1, 2, 3, 4, 5, 6, 7, 8, 9),
                                f32(dims(1, 1, 1), 0),
                                f32(dims(1, 1, 1), 1))
                        .expect(f32(dims(1, 1, 9), -2, 1, 3, -5, 4, 6, 7, 8, 9)),
                OpCase.of(
                        "random",
                        heads(false, 5, 2, 0),
                        random(DType.FLOAT32, 1, 2, 3, 42),
                        random(DType.FLOAT32, 2, 2, 3, 3),
                        random(DType.FLOAT32, 3, 2, 3, 3)),
                OpCase.of(
                                "heads of no whole size",
                                heads(false, 2, 1, 0),
                                random(DType.FLOAT32, 1, 1, 1, 8),
                                random(DType.FLOAT32, 2, 1, 1, 1),
                                random(DType.FLOAT32, 3, 1, 1, 1))
                        .fails("a multiple of 3 heads"),
                OpCase.of(
                                "four dimensions",
                                heads(false, 2, 1, 0),
                                random(DType.FLOAT32, 1, 1, 3, 1, 2),
                                random(DType.FLOAT32, 2, 1, 1, 1),
                                random(DType.FLOAT32, 3, 1, 1, 1))
                        .fails("allowed rank 3"));
    }
}
