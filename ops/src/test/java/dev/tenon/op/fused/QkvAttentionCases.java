package dev.tenon.op.fused;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.op.attention.Attention;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link QkvAttention}: queries are zero, so all keys that are not masked have the same weight. */
public final class QkvAttentionCases implements OpCases {
    private static QkvAttention heads(long queries, long keys, boolean causal) {
        return new QkvAttention(new Attention(causal, queries, keys, null, 0, 0, null, -1, -1));
    }

    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("one head", heads(1, 1, false), f32(dims(1, 2, 3), 0, 5, 2, 0, -3, 4))
                        .expect(f32(dims(1, 2, 1), 3, 3)),
                OpCase.of("causal", heads(1, 1, true), f32(dims(1, 2, 3), 0, 5, 2, 0, -3, 4))
                        .expect(f32(dims(1, 2, 1), 2, 3)),
                OpCase.of("groups of heads", heads(2, 1, false), f32(dims(1, 2, 4), 0, 0, 7, 2, 0, 0, 9, 4))
                        .expect(f32(dims(1, 2, 2), 3, 3, 3, 3)),
                OpCase.of(
                                "mask",
                                heads(1, 1, false),
                                f32(dims(2, 2, 3), 0, 5, 2, 0, -3, 4, 0, 5, 2, 0, -3, 4),
                                Tensor.of(new boolean[] {true, false, true, true}, 2, 1, 1, 2))
                        .expect(f32(dims(2, 2, 1), 2, 2, 3, 3)),
                OpCase.of(
                                "past",
                                heads(1, 1, true),
                                f32(dims(1, 1, 3), 0, 5, 2),
                                null,
                                f32(dims(1, 1, 1, 1), 1),
                                f32(dims(1, 1, 1, 1), 6))
                        .expect(f32(dims(1, 1, 1), 4), f32(dims(1, 1, 2, 1), 1, 5), f32(dims(1, 1, 2, 1), 6, 2)),
                OpCase.of("random", heads(4, 2, true), random(DType.FLOAT32, 1, 2, 9, 40)),
                OpCase.of("heads of no whole size", heads(2, 1, false), random(DType.FLOAT32, 1, 1, 2, 6))
                        .fails("a multiple of 4 heads"),
                OpCase.of("four dimensions", heads(2, 1, false), random(DType.FLOAT32, 1, 1, 1, 2, 8))
                        .fails("allowed rank 3"));
    }
}
