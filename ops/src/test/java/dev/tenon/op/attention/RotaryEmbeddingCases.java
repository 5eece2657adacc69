package dev.tenon.op.attention;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link RotaryEmbedding}. */
public final class RotaryEmbeddingCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "halves",
                                new RotaryEmbedding(false, null, 0),
                                linear(-1, 0.25, 1, 2, 3, 4),
                                linear(1, -0.125, 3, 2),
                                linear(0, 0.125, 3, 2),
                                i64(dims(1, 3), 2, 0, 1))
                        .expect(f32(dims(1, 2, 3, 4), """
                                -0.25 -0.125 -0.75 -0.5625   0 0.125 0.5 0.6875
                                0.375 0.125 1.375 1.5625   -0.25 -0.875 2.25 2.4375
                                3 2.375 3.5 3.6875   1.875 0.875 4.375 4.5625""")),
                OpCase.of(
                                "neighbours",
                                new RotaryEmbedding(true, null, 0),
                                linear(-1, 0.25, 1, 2, 3, 4),
                                linear(1, -0.125, 3, 2),
                                linear(0, 0.125, 3, 2),
                                i64(dims(1, 3), 2, 0, 1))
                        .expect(f32(dims(1, 2, 3, 4), """
                                -0.125 -0.875 -0.03125 -0.40625   0 0.25 0.34375 0.71875
                                0.4375 1.1875 0.28125 1.65625
                                -0.125 2.125 -0.78125 2.59375   3 3.25 2.59375 3.71875
                                1.9375 4.1875 1.03125 4.65625""")),
                OpCase.of(
                                "packed, angles of positions",
                                new RotaryEmbedding(false, 2L, 0),
                                linear(-1, 0.25, 1, 3, 8),
                                linear(1, -0.125, 1, 3, 2),
                                linear(0, 0.125, 1, 3, 2))
                        .expect(f32(dims(1, 3, 8), """
                                -1 -0.625 -0.5 -0.3125 0 0.125 0.5
                                0.6875
                                0.375 0.125 1.375 1.5625 0.875 0.375 2.375
                                2.5625
                                -0.25 -1.125 3.25 3.4375 -0.25 -1.375 4.25
                                4.4375""")),
                OpCase.of(
                                "first half only",
                                new RotaryEmbedding(false, null, 2),
                                linear(-1, 0.25, 1, 2, 3, 4),
                                linear(1, -0.125, 3, 1),
                                linear(0, 0.125, 3, 1),
                                i64(dims(1, 3), 2, 0, 1))
                        .expect(f32(dims(1, 2, 3, 4), """
                                -0.5625 -0.8125 -0.5 -0.25   0 0.25 0.5 0.75
                                0.71875 1.21875 1.5 1.75   0.9375 2.1875 2.5 2.75
                                3 3.25 3.5 3.75   2.96875 4.21875 4.5 4.75""")),
                OpCase.of(
                                "first half only, neighbours",
                                new RotaryEmbedding(true, null, 2),
                                linear(-1, 0.25, 1, 2, 3, 4),
                                linear(1, -0.125, 3, 1),
                                linear(0, 0.125, 3, 1),
                                i64(dims(1, 3), 2, 0, 1))
                        .expect(f32(dims(1, 2, 3, 4), """
                                -0.5625 -0.8125 -0.5 -0.25   0 0.25 0.5 0.75
                                0.71875 1.21875 1.5 1.75   0.9375 2.1875 2.5 2.75
                                3 3.25 3.5 3.75   2.96875 4.21875 4.5 4.75""")),
                OpCase.of(
                        "float16",
                        new RotaryEmbedding(false, null, 0),
                        random(DType.FLOAT16, 1, 2, 1, 3, 6),
                        random(DType.FLOAT16, 2, 2, 3, 3),
                        random(DType.FLOAT16, 3, 2, 3, 3)),
                OpCase.of(
                        "empty",
                        new RotaryEmbedding(false, null, 0),
                        random(DType.FLOAT32, 1, 0, 1, 3, 6),
                        random(DType.FLOAT32, 2, 0, 3, 3),
                        random(DType.FLOAT32, 3, 0, 3, 3)),
                OpCase.of(
                                "position outside",
                                new RotaryEmbedding(false, null, 0),
                                linear(-1, 0.25, 1, 2, 3, 4),
                                linear(1, -0.125, 3, 2),
                                linear(0, 0.125, 3, 2),
                                i64(dims(1, 3), 2, 3, 1))
                        .fails("position_ids[0,1] is 3"),
                OpCase.of(
                                "packed without heads",
                                new RotaryEmbedding(false, null, 0),
                                linear(-1, 0.25, 1, 3, 8),
                                linear(1, -0.125, 1, 3, 2),
                                linear(0, 0.125, 1, 3, 2))
                        .fails("without num_heads"),
                OpCase.of(
                                "odd size",
                                new RotaryEmbedding(false, null, 0),
                                linear(0, 1, 1, 1, 3, 3),
                                linear(1, -0.125, 1, 3, 2),
                                linear(0, 0.125, 1, 3, 2))
                        .fails("an even size"),
                OpCase.of(
                                "caches of another width",
                                new RotaryEmbedding(false, null, 0),
                                linear(-1, 0.25, 1, 2, 3, 4),
                                linear(1, -0.125, 3, 1),
                                linear(0, 0.125, 3, 1),
                                i64(dims(1, 3), 2, 0, 1))
                        .fails("'cos_cache' has shape"));
    }
}
