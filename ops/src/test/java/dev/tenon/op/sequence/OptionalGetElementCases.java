package dev.tenon.op.sequence;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.OptionalDatum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorSequence;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link OptionalGetElement}. */
public final class OptionalGetElementCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("of a tensor", new OptionalGetElement(), OptionalDatum.of(f32(dims(2), 1, 2)))
                        .expect(f32(dims(2), 1, 2)),
                OpCase.of("a tensor itself", new OptionalGetElement(), f32(dims(2), 1, 2))
                        .expect(f32(dims(2), 1, 2)),
                OpCase.of(
                                "a sequence",
                                new OptionalGetElement(),
                                OptionalDatum.of(TensorSequence.of(f32(dims(2), 1, 2), f32(dims(1), 3))))
                        .expect(TensorSequence.of(f32(dims(2), 1, 2), f32(dims(1), 3))),
                OpCase.of(
                                "empty",
                                new OptionalGetElement(),
                                OptionalDatum.empty(new TensorType(DType.INT8, Shape.scalar())))
                        .fails("without a value"));
    }
}
