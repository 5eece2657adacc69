package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.i64;
import static dev.tenon.op.shape.Values.ramp;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Squeeze}. */
public final class SqueezeCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("one axis", new Squeeze(), ramp(DType.FLOAT32, 1, 3, 1), i64(0))
                        .expect(ramp(DType.FLOAT32, 3, 1)),
                OpCase.of("from the end", new Squeeze(), ramp(DType.FLOAT32, 1, 3, 1), i64(-1, 0))
                        .expect(ramp(DType.FLOAT32, 3)),
                OpCase.of("all", new Squeeze(), ramp(DType.FLOAT32, 1, 3, 1)).expect(ramp(DType.FLOAT32, 3)),
                OpCase.of("none", new Squeeze(), ramp(DType.FLOAT32, 1, 3), i64())
                        .expect(ramp(DType.FLOAT32, 1, 3)),
                OpCase.of("to a scalar", new Squeeze(), i64(9), i64(0)).expect(Tensor.scalar(9L)),
                OpCase.of("not 1", new Squeeze(), ramp(DType.FLOAT32, 1, 3), i64(1))
                        .fails("axis 1 of shape [1,3] has dimension 3"),
                OpCase.of("outside", new Squeeze(), ramp(DType.FLOAT32, 1, 3), i64(2))
                        .fails("[-2, 1]"),
                OpCase.of("twice", new Squeeze(), ramp(DType.FLOAT32, 1, 3), i64(0, -2))
                        .fails("given twice"));
    }
}
