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
                        .expect(f32(
                                dims(1, 2, 3, 4),
                                -0.25f,
                                -0.125f,
                                -0.75f,
                                -0.5625f,
                                0,
                                0.125f,
                                0.5f,
                                0.6875f,
                                0.375f,
                                0.125f,
                                1.375f,
                                1.5625f,
                                -0.25f,
                                -0.875f,
                                2.25f,
                                2.4375f,
                                3,
                                2.375f,
                                3.5f,
                                3.6875f,
                                1.875f,
                                0.875f,
                                4.375f,
                                4.5625f)),
                OpCase.of(
                                "neighbours",
                                new RotaryEmbedding(true, null, 0),
                                linear(-1, 0.25, 1, 2, 3, 4),
                                linear(1, -0.125, 3, 2),
                                linear(0, 0.125, 3, 2),
                                i64(dims(1, 3), 2, 0, 1))
                        .expect(f32(
                                dims(1, 2, 3, 4),
                                -0.125f,
                                -0.875f,
                                -0.03125f,
                                -0.40625f,
                                0,
                                0.25f,
                                0.34375f,
                                0.71875f,
                                0.4375f,
                                1.1875f,
                                0.28125f,
                                1.65625f,
                                -0.125f,
                                2.125f,
                                -0.78125f,
                                2.59375f,
                                3,
                                3.25f,
                                2.59375f,
                                3.71875f,
                                1.9375f,
                                4.1875f,
                                1.03125f,
                                4.65625f)),
                OpCase.of(
                                "packed, angles of positions",
                                new RotaryEmbedding(false, 2L, 0),
                                linear(-1, 0.25, 1, 3, 8),
                                linear(1, -0.125, 1, 3, 2),
                                linear(0, 0.125, 1, 3, 2))
                        .expect(f32(
                                dims(1, 3, 8),
                                -1,
                                -0.625f,
                                -0.5f,
                                -0.3125f,
                                0,
                                0.125f,
                                0.5f,
                                0.6875f,
                                0.375f,
                                0.125f,
                                1.375f,
                                1.5625f,
                                0.875f,
                                0.375f,
                                2.375f,
                                2.5625f,
                                -0.25f,
                                -1.125f,
                                3.25f,
                                3.4375f,
                                -0.25f,
                                -1.375f,
                                4.25f,
                                4.4375f)),
                OpCase.of(
                                "first half only",
                                new RotaryEmbedding(false, null, 2),
                                linear(-1, 0.25, 1, 2, 3, 4),
                                linear(1, -0.125, 3, 1),
                                linear(0, 0.125, 3, 1),
                                i64(dims(1, 3), 2, 0, 1))
                        .expect(f32(
                                dims(1, 2, 3, 4),
                                -0.5625f,
                                -0.8125f,
                                -0.5f,
                                -0.25f,
                                0,
                                0.25f,
                                0.5f,
                                0.75f,
                                0.71875f,
                                1.21875f,
                                1.5f,
                                1.75f,
                                0.9375f,
                                2.1875f,
                                2.5f,
                                2.75f,
                                3,
                                3.25f,
                                3.5f,
                                3.75f,
                                2.96875f,
                                4.21875f,
                                4.5f,
                                4.75f)),
                OpCase.of(
                                "first half only, neighbours",
                                new RotaryEmbedding(true, null, 2),
                                linear(-1, 0.25, 1, 2, 3, 4),
                                linear(1, -0.125, 3, 1),
                                linear(0, 0.125, 3, 1),
                                i64(dims(1, 3), 2, 0, 1))
                        .expect(f32(
                                dims(1, 2, 3, 4),
                                -0.5625f,
                                -0.8125f,
                                -0.5f,
                                -0.25f,
                                0,
                                0.25f,
                                0.5f,
                                0.75f,
                                0.71875f,
                                1.21875f,
                                1.5f,
                                1.75f,
                                0.9375f,
                                2.1875f,
                                2.5f,
                                2.75f,
                                3,
                                3.25f,
                                3.5f,
                                3.75f,
                                2.96875f,
                                4.21875f,
                                4.5f,
                                4.75f)),
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
