package dev.tenon.op.sequence;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;

import dev.tenon.tensor.TensorSequence;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link SplitToSequence}. */
public final class SplitToSequenceCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("rows", new SplitToSequence(0, true), f32(dims(2, 3), 1, 2, 3, 4, 5, 6))
                        .expect(TensorSequence.of(f32(dims(1, 3), 1, 2, 3), f32(dims(1, 3), 4, 5, 6))),
                OpCase.of("rows without the axis", new SplitToSequence(-2, false), f32(dims(2, 3), 1, 2, 3, 4, 5, 6))
                        .expect(TensorSequence.of(f32(dims(3), 1, 2, 3), f32(dims(3), 4, 5, 6))),
                OpCase.of("size 2", new SplitToSequence(1, true), f32(dims(2, 3), 1, 2, 3, 4, 5, 6), i64(dims(), 2))
                        .expect(TensorSequence.of(f32(dims(2, 2), 1, 2, 4, 5), f32(dims(2, 1), 3, 6))),
                OpCase.of("sizes", new SplitToSequence(1, false), f32(dims(2, 3), 1, 2, 3, 4, 5, 6), i64(dims(2), 1, 2))
                        .expect(TensorSequence.of(f32(dims(2, 1), 1, 4), f32(dims(2, 2), 2, 3, 5, 6))),
                OpCase.of(
                                "sizes that do not add up",
                                new SplitToSequence(1, true),
                                f32(dims(2, 3), 1, 2, 3, 4, 5, 6),
                                i64(dims(2), 1, 1))
                        .fails("add up to 2"),
                OpCase.of("size 0", new SplitToSequence(1, true), f32(dims(2, 3), 1, 2, 3, 4, 5, 6), i64(dims(), 0))
                        .fails("pieces of 0"),
                OpCase.of("axis outside", new SplitToSequence(2, true), f32(dims(2, 3), 1, 2, 3, 4, 5, 6))
                        .fails("axis 2"));
    }
}
