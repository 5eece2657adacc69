package dev.tenon.op.sequence;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.OptionalDatum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link OptionalHasElement}. */
public final class OptionalHasElementCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("present", new OptionalHasElement(), OptionalDatum.of(f32(dims(2), 1, 2)))
                        .expect(Tensor.scalar(true)),
                OpCase.of("a tensor", new OptionalHasElement(), f32(dims(2), 1, 2))
                        .expect(Tensor.scalar(true)),
                OpCase.of("left out", new OptionalHasElement()).expect(Tensor.scalar(false)),
                OpCase.of(
                                "empty",
                                new OptionalHasElement(),
                                OptionalDatum.empty(new TensorType(DType.INT8, Shape.scalar())))
                        .expect(Tensor.scalar(false)));
    }
}
