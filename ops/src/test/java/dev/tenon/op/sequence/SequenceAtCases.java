package dev.tenon.op.sequence;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;

import dev.tenon.tensor.TensorSequence;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link SequenceAt}. */
public final class SequenceAtCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "first",
                                new SequenceAt(),
                                TensorSequence.of(f32(dims(2), 1, 2), f32(dims(1), 3)),
                                i64(dims(), 0))
                        .expect(f32(dims(2), 1, 2)),
                OpCase.of(
                                "from the end",
                                new SequenceAt(),
                                TensorSequence.of(f32(dims(2), 1, 2), f32(dims(1), 3)),
                                i64(dims(), -1))
                        .expect(f32(dims(1), 3)),
                OpCase.of(
                                "outside",
                                new SequenceAt(),
                                TensorSequence.of(f32(dims(2), 1, 2), f32(dims(1), 3)),
                                i64(dims(), 2))
                        .fails("position 2"),
                OpCase.of("no sequence", new SequenceAt(), f32(dims(2), 1, 2), i64(dims(), 2))
                        .fails("a sequence"));
    }
}
