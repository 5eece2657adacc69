package dev.tenon.op.fused;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.op.fused.RoundedAttention.Rounding;
import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link RoundedAttention}: probabilities are parts of a power of two, so that none is between two integers. */
public final class RoundedAttentionCases implements OpCases {
    private static final Rounding WHOLE = new Rounding(1, -128, 127);

    private static RoundedAttention attention(Long heads, float probability) {
        return new RoundedAttention(heads, 1, WHOLE, WHOLE, WHOLE, new Rounding(probability, 0, 255));
    }

    @Override
    public List<OpCase> cases() {
        float nan = Float.NaN;
        return List.of(
                OpCase.of("values are rounded", attention(1L, 1f / 256), f32(dims(1, 2, 3), 0, 5, 2.4f, 0, -3, 4.5f))
                        .expect(f32(dims(1, 2, 1), 3, 3)),
                OpCase.of("queries are rounded", attention(1L, 1f / 256), f32(dims(1, 2, 3), 0.4f, 90, 2, 0.6f, -90, 4))
                        .expect(f32(dims(1, 2, 1), 3, 255f / 256 * 2)),
                OpCase.of("keys are rounded", attention(1L, 1f / 256), f32(dims(1, 2, 3), 9, 0.4f, 2, 9, -0.4f, 4))
                        .expect(f32(dims(1, 2, 1), 3, 3)),
                OpCase.of("probabilities are rounded", attention(1L, 2), f32(dims(1, 2, 3), 0, 5, 2, 99, 5, 4))
                        .expect(f32(dims(1, 2, 1), 0, 0)),
                OpCase.of("limits", attention(1L, 1f / 256), f32(dims(1, 2, 3), 0, 0, 1000, 0, 0, -1000))
                        .expect(f32(dims(1, 2, 1), -0.5f, -0.5f)),
                OpCase.of("not a number", attention(1L, 1f / 256), f32(dims(1, 2, 3), nan, 0, nan, 0, 0, 6))
                        .expect(f32(dims(1, 2, 1), -61, -61)),
                OpCase.of(
                                "two heads of three operands",
                                attention(null, 1f / 256),
                                f32(dims(1, 2, 1, 1), 0, 0.3f),
                                f32(dims(1, 2, 2, 1), 1, 2, 3, 4),
                                f32(dims(1, 2, 2, 2), 1.5f, 2, 3, 4, 5, 6, 7, 8.2f))
                        .expect(f32(dims(1, 2, 1, 2), 2.5f, 3, 6, 7)),
                OpCase.of("two heads of one operand", attention(2L, 1f / 256), f32(dims(1, 1, 6), 1, 2, 3, 4, 5.2f, 6))
                        .expect(f32(dims(1, 1, 2), 255f / 256 * 5, 255f / 256 * 6)),
                OpCase.of("heads of no whole size", attention(2L, 1), random(DType.FLOAT32, 1, 1, 2, 7))
                        .fails("a multiple of 6 heads"),
                OpCase.of("one operand without heads", attention(null, 1), random(DType.FLOAT32, 1, 1, 2, 6))
                        .fails("one operand and a number of heads, or three"));
    }
}
