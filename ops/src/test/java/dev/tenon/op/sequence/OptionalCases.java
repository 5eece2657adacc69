package dev.tenon.op.sequence;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.OptionalDatum;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Optional}. */
public final class OptionalCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("of a tensor", new Optional(null), f32(dims(2), 1, 2))
                        .expect(OptionalDatum.of(f32(dims(2), 1, 2))),
                OpCase.of("empty", new Optional(new TensorType(DType.INT8, Shape.scalar())))
                        .expect(OptionalDatum.empty(new TensorType(DType.INT8, Shape.scalar()))),
                OpCase.of("of nothing", new Optional(null)).fails("neither an input nor a type"));
    }
}
