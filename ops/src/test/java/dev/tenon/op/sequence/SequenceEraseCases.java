package dev.tenon.op.sequence;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorSequence;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link SequenceErase}. */
public final class SequenceEraseCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("last", new SequenceErase(), TensorSequence.of(f32(dims(2), 1, 2), f32(dims(1), 3)))
                        .expect(TensorSequence.of(f32(dims(2), 1, 2))),
                OpCase.of(
                                "first",
                                new SequenceErase(),
                                TensorSequence.of(f32(dims(2), 1, 2), f32(dims(1), 3)),
                                i64(dims(), -2))
                        .expect(TensorSequence.of(f32(dims(1), 3))),
                OpCase.of(
                                "outside",
                                new SequenceErase(),
                                TensorSequence.of(f32(dims(2), 1, 2), f32(dims(1), 3)),
                                i64(dims(), 2))
                        .fails("position 2"),
                OpCase.of(
                                "empty",
                                new SequenceErase(),
                                TensorSequence.empty(new TensorType(DType.INT8, Shape.unknownRank())))
                        .fails("an empty sequence"));
    }
}
