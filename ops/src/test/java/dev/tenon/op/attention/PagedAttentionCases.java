package dev.tenon.op.attention;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.Arrays;
import java.util.List;

/**
 * Cases of {@link PagedAttention}. The results are softmaxes of few keys: of scores 0 and ln 3, say, the second has three quarters.
 */
public final class PagedAttentionCases implements OpCases {
    private static final float LN_3 = (float) Math.log(3);

    /** Pages of one head of one element, all zeros but for some rows. */
    private static Tensor pages(DType type, double... rowsAndValues) {
        Tensor t = Tensor.allocate(type, 3, 1, PagedAttention.PAGE_TOKENS, 1);
        for (int i = 0; i < rowsAndValues.length; i += 2) {
            t.setDouble((long) rowsAndValues[i], rowsAndValues[i + 1]);
        }
        return t;
    }

    private static Tensor i32(long[] dims, long... values) {
        return ints(DType.INT32, dims, values);
    }

    /** Tokens of one sequence in pages 2 and 1; its first key and value, in row 128, are 0 and 4. */
    private static Datum[] operands(DType type, float[] keys, float[] values, long[] sequences, long... positions) {
        int t = positions.length;
        float[] ones = new float[2 * t];
        Arrays.fill(ones, 1);
        return new Datum[] {
            f32(dims(1, t, 2), ones),
            f32(dims(1, t, 1), keys),
            f32(dims(1, t, 1), values),
            pages(type),
            pages(type, 128, 4),
            i32(dims(1, 2), 2, 1),
            i32(dims(t), sequences),
            i64(dims(t), positions)
        };
    }

    private static PagedAttention op(long window, float softcap) {
        return new PagedAttention(2, 1, window, softcap);
    }

    @Override
    public List<OpCase> cases() {
        Datum[] two = operands(DType.FLOAT32, new float[] {LN_3, 0}, new float[] {8, 2}, new long[2], 1, 2);
        // Positions 1 and 2: (4 + 3 * 8) / 4, and (4 + 3 * 8 + 2) / 5.
        return List.of(
                OpCase.of("two tokens", op(0, 0), two)
                        .expect(
                                f32(dims(1, 2, 2), 7, 7, 6, 6),
                                pages(DType.FLOAT32, 129, LN_3),
                                pages(DType.FLOAT32, 128, 4, 129, 8, 130, 2)),
                OpCase.of("a window", op(2, 0), two)
                        .expect(
                                f32(dims(1, 2, 2), 7, 7, 6.5f, 6.5f),
                                pages(DType.FLOAT32, 129, LN_3),
                                pages(DType.FLOAT32, 128, 4, 129, 8, 130, 2)),
                OpCase.of("a window of one", op(1, 0), two)
                        .expect(
                                f32(dims(1, 2, 2), 8, 8, 2, 2),
                                pages(DType.FLOAT32, 129, LN_3),
                                pages(DType.FLOAT32, 128, 4, 129, 8, 130, 2)),
                // 2 * ln 3 is bounded to ln 3 * tanh(2), about 1.0591.
                OpCase.of(
                                "a soft cap",
                                new PagedAttention(2, 2, 0, LN_3),
                                operands(DType.FLOAT32, new float[] {LN_3}, new float[] {8}, new long[1], 1))
                        .expect(
                                f32(dims(1, 1, 2), 6.970068f, 6.970068f),
                                pages(DType.FLOAT32, 129, LN_3),
                                pages(DType.FLOAT32, 128, 4, 129, 8)),
                OpCase.of(
                                "the second page",
                                op(0, 0),
                                operands(DType.FLOAT32, new float[] {0}, new float[] {65}, new long[1], 64))
                        .expect(
                                f32(dims(1, 1, 2), 69f / 65, 69f / 65),
                                pages(DType.FLOAT32),
                                pages(DType.FLOAT32, 128, 4, 64, 65)),
                OpCase.of(
                                "float16",
                                op(0, 0),
                                operands(DType.FLOAT16, new float[] {0}, new float[] {8}, new long[1], 1))
                        .expect(f32(dims(1, 1, 2), 6, 6), pages(DType.FLOAT16), pages(DType.FLOAT16, 128, 4, 129, 8)),
                OpCase.of("no tokens", op(0, 0), operands(DType.FLOAT32, new float[0], new float[0], new long[0]))
                        .expect(f32(dims(1, 0, 2)), pages(DType.FLOAT32), pages(DType.FLOAT32, 128, 4)),
                OpCase.of(
                                "no such sequence",
                                op(0, 0),
                                operands(DType.FLOAT32, new float[] {0}, new float[] {8}, new long[] {1}, 1))
                        .fails("sequences[0] is 1"),
                OpCase.of(
                                "a negative position",
                                op(0, 0),
                                operands(DType.FLOAT32, new float[] {0}, new float[] {8}, new long[1], -1))
                        .fails("positions[0] is -1"),
                OpCase.of(
                                "a position beyond the table",
                                op(0, 0),
                                operands(DType.FLOAT32, new float[] {0}, new float[] {8}, new long[1], 128))
                        .fails("positions[0] is 128"),
                OpCase.of(
                                "no such page",
                                op(0, 0),
                                f32(dims(1, 1, 2), 1, 1),
                                f32(dims(1, 1, 1), 1),
                                f32(dims(1, 1, 1), 1),
                                pages(DType.FLOAT32),
                                pages(DType.FLOAT32),
                                i32(dims(1, 2), 3, 1),
                                i32(dims(1), 0),
                                i64(dims(1), 70))
                        .fails("page_table[0,0] is 3"),
                OpCase.of(
                                "another width",
                                op(0, 0),
                                f32(dims(1, 1, 2), 1, 1),
                                f32(dims(1, 1, 2), 1, 1),
                                f32(dims(1, 1, 2), 1, 1),
                                pages(DType.FLOAT32),
                                pages(DType.FLOAT32),
                                i32(dims(1, 1), 0),
                                i32(dims(1), 0),
                                i64(dims(1), 0))
                        .fails("K and V of width 2"));
    }
}
