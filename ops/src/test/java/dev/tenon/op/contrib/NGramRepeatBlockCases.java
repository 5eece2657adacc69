package dev.tenon.op.contrib;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link NGramRepeatBlock}. */
public final class NGramRepeatBlockCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "three in a row",
                                new NGramRepeatBlock(3),
                                i64(dims(2, 5), 1, 2, 3, 1, 2, 1, 2, 3, 2, 1),
                                f32(dims(2, 4), 1, 2, 3, 4, 5, 6, 7, 8))
                        .expect(f32(dims(2, 4), 1, 2, 3, NONE, 5, 6, 7, 8)),
                OpCase.of(
                                "several, one of them at the end",
                                new NGramRepeatBlock(2),
                                i64(dims(1, 5), 0, 1, 0, 0, 0),
                                f32(dims(1, 3), 1, 2, 3))
                        .expect(f32(dims(1, 3), NONE, NONE, 3)),
                OpCase.of("single tokens", new NGramRepeatBlock(1), i64(dims(1, 2), 0, 2), f32(dims(1, 3), 1, 2, 3))
                        .expect(f32(dims(1, 3), NONE, 2, NONE)),
                OpCase.of("too short", new NGramRepeatBlock(4), i64(dims(1, 2), 9, 9), f32(dims(1, 3), 1, 2, 3))
                        .expect(f32(dims(1, 3), 1, 2, 3)),
                OpCase.of(
                                "float64",
                                new NGramRepeatBlock(1),
                                i64(dims(1, 1), 1),
                                Literals.reals(DType.FLOAT64, dims(1, 2), 1, 2))
                        .expect(Literals.reals(DType.FLOAT64, dims(1, 2), 1, NONE)),
                OpCase.of("no sequences", new NGramRepeatBlock(2), i64(dims(0, 3)), f32(dims(0, 3)))
                        .expect(f32(dims(0, 3))),
                OpCase.of(
                                "a token of no score",
                                new NGramRepeatBlock(1),
                                i64(dims(1, 2), 0, 3),
                                f32(dims(1, 3), 1, 2, 3))
                        .fails("input_ids[0,1] is 3; allowed [0, 2]"),
                OpCase.of(
                                "batches differ",
                                new NGramRepeatBlock(1),
                                i64(dims(1, 2), 0, 1),
                                f32(dims(2, 3), 1, 2, 3, 1, 2, 3))
                        .fails("[1,?]"));
    }

    private static final float NONE = Float.NEGATIVE_INFINITY;
}
