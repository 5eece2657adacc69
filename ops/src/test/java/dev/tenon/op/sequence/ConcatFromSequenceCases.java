package dev.tenon.op.sequence;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.tensor.TensorSequence;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link ConcatFromSequence}. */
public final class ConcatFromSequenceCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "joined",
                                new ConcatFromSequence(0, false),
                                TensorSequence.of(f32(dims(2), 1, 2), f32(dims(1), 3)))
                        .expect(f32(dims(3), 1, 2, 3)),
                OpCase.of(
                                "along the last",
                                new ConcatFromSequence(-1, false),
                                TensorSequence.of(f32(dims(2, 1), 1, 4), f32(dims(2, 2), 2, 3, 5, 6)))
                        .expect(f32(dims(2, 3), 1, 2, 3, 4, 5, 6)),
                OpCase.of(
                                "stacked",
                                new ConcatFromSequence(-1, true),
                                TensorSequence.of(f32(dims(2), 1, 2), f32(dims(2), 3, 4)))
                        .expect(f32(dims(2, 2), 1, 3, 2, 4)),
                OpCase.of(
                                "stacked first",
                                new ConcatFromSequence(0, true),
                                TensorSequence.of(f32(dims(2), 1, 2), f32(dims(2), 3, 4)))
                        .expect(f32(dims(2, 2), 1, 2, 3, 4)),
                OpCase.of(
                                "shapes that differ",
                                new ConcatFromSequence(0, true),
                                TensorSequence.of(f32(dims(2), 1, 2), f32(dims(1), 3)))
                        .fails("one shape"),
                OpCase.of(
                                "axis outside",
                                new ConcatFromSequence(1, false),
                                TensorSequence.of(f32(dims(2), 1, 2), f32(dims(1), 3)))
                        .fails("axis 1"));
    }
}
