package dev.tenon.op.sequence;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;

import dev.tenon.tensor.TensorSequence;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link SequenceLength}. */
public final class SequenceLengthCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("two", new SequenceLength(), TensorSequence.of(f32(dims(2), 1, 2), f32(dims(1), 3)))
                        .expect(i64(dims(), 2)),
                OpCase.of("a tensor", new SequenceLength(), f32(dims(2), 1, 2)).fails("a sequence"));
    }
}
