package dev.tenon.op.text;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link TfIdfVectorizer}; the pool and the tokens are those of the standard's examples. */
public final class TfIdfVectorizerCases implements OpCases {
    private static final List<Long> STARTS = List.of(0L, 4L);
    private static final List<Long> INDEXES = List.of(0L, 1L, 2L, 3L, 4L, 5L, 6L);
    private static final List<Long> POOL = List.of(2L, 3L, 5L, 4L, 5L, 6L, 7L, 8L, 6L, 7L);
    private static final List<Float> WEIGHTS = List.of(2f, 3f, 4f, 0.5f, 10f, 0f, -1f);
    private static final Tensor TOKENS = i64(dims(12), 1, 1, 3, 3, 3, 7, 8, 6, 7, 5, 6, 8);

    private static TfIdfVectorizer op(String mode, long least, long most, long skip, List<Float> weights) {
        return new TfIdfVectorizer(mode, least, most, skip, STARTS, INDEXES, POOL, null, weights);
    }

    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("pairs, next to each other", op("TF", 2, 2, 0, null), TOKENS)
                        .expect(f32(dims(7), 0, 0, 0, 0, 1, 1, 1)),
                OpCase.of("pairs with up to 5 left out", op("TF", 2, 2, 5, null), TOKENS)
                        .expect(f32(dims(7), 0, 0, 0, 0, 1, 3, 1)),
                OpCase.of("single tokens count once", op("TF", 1, 2, 5, null), TOKENS)
                        .expect(f32(dims(7), 0, 3, 1, 0, 1, 3, 1)),
                OpCase.of("single tokens alone", op("TF", 1, 1, Long.MAX_VALUE - 1, null), TOKENS)
                        .expect(f32(dims(7), 0, 3, 1, 0, 0, 0, 0)),
                OpCase.of(
                                "a batch of int32",
                                op("TF", 2, 2, 5, null),
                                Tensor.of(new int[] {1, 1, 3, 3, 3, 7, 8, 6, 7, 5, 6, 8}, 2, 6))
                        .expect(f32(dims(2, 7), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1)),
                OpCase.of("presence by weight", op("IDF", 1, 2, 5, WEIGHTS), TOKENS)
                        .expect(f32(dims(7), 0, 3, 4, 0, 10, 0, -1)),
                OpCase.of("count by weight", op("TFIDF", 1, 2, 5, WEIGHTS), TOKENS)
                        .expect(f32(dims(7), 0, 9, 4, 0, 10, 0, -1)),
                OpCase.of("presence without weights", op("IDF", 1, 2, 5, null), TOKENS)
                        .expect(f32(dims(7), 0, 1, 1, 0, 1, 1, 1)),
                OpCase.of(
                                "strings, columns in another order with a gap",
                                new TfIdfVectorizer(
                                        "TF",
                                        1,
                                        3,
                                        1,
                                        List.of(0L, 1L, 3L),
                                        List.of(3L, 0L, 5L),
                                        null,
                                        List.of("a", "a", "b", "a", "b", "a"),
                                        null),
                                Tensor.of(
                                        new String[] {"a", "b", "a", "x", "b", "b", "a", "x", "b", "x", "a", "x"},
                                        2,
                                        6))
                        .expect(f32(dims(2, 6), 2, 0, 0, 2, 0, 1, 1, 0, 0, 2, 0, 1)),
                OpCase.of(
                                "weights by n-gram, not by column",
                                new TfIdfVectorizer(
                                        "TFIDF",
                                        1,
                                        1,
                                        0,
                                        List.of(0L),
                                        List.of(2L, 0L),
                                        List.of(5L, 6L),
                                        null,
                                        List.of(10f, 20f)),
                                i64(dims(3), 5, 6, 5))
                        .expect(f32(dims(3), 20, 0, 20)),
                OpCase.of("no tokens", op("TF", 1, 2, 1, null), Tensor.allocate(DType.INT64, 2, 0))
                        .expect(Tensor.allocate(DType.FLOAT32, 2, 7)),
                OpCase.of("strings, a pool of integers", op("TF", 1, 2, 1, null), Tensor.of(new String[] {"a"}))
                        .fails("a pool of the input's type"));
    }
}
