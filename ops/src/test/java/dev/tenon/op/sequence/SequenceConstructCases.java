package dev.tenon.op.sequence;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;

import dev.tenon.tensor.TensorSequence;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link SequenceConstruct}. */
public final class SequenceConstructCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("two", new SequenceConstruct(), f32(dims(2), 1, 2), f32(dims(1), 3))
                        .expect(TensorSequence.of(f32(dims(2), 1, 2), f32(dims(1), 3))),
                OpCase.of("none", new SequenceConstruct()).fails("at least 1"),
                OpCase.of("two types", new SequenceConstruct(), f32(dims(2), 1, 2), i64(dims(1), 1))
                        .fails("element type"));
    }
}
