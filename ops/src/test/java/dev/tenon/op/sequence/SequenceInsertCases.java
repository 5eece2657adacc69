package dev.tenon.op.sequence;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;

import dev.tenon.tensor.TensorSequence;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link SequenceInsert}. */
public final class SequenceInsertCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("at the end", new SequenceInsert(), TensorSequence.of(f32(dims(2), 1, 2)), f32(dims(1), 3))
                        .expect(TensorSequence.of(f32(dims(2), 1, 2), f32(dims(1), 3))),
                OpCase.of(
                                "at the front",
                                new SequenceInsert(),
                                TensorSequence.of(f32(dims(1), 3)),
                                f32(dims(2), 1, 2),
                                i64(dims(), 0))
                        .expect(TensorSequence.of(f32(dims(2), 1, 2), f32(dims(1), 3))),
                OpCase.of(
                                "outside",
                                new SequenceInsert(),
                                TensorSequence.of(f32(dims(2), 1, 2), f32(dims(1), 3)),
                                f32(dims(2), 1, 2),
                                i64(dims(), -3))
                        .fails("position -3"),
                OpCase.of(
                                "another type",
                                new SequenceInsert(),
                                TensorSequence.of(f32(dims(2), 1, 2), f32(dims(1), 3)),
                                i64(dims(1), 0))
                        .fails("one element type"));
    }
}
