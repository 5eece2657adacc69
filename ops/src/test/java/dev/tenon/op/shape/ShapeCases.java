package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.i64;
import static dev.tenon.op.shape.Values.ramp;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Shape}. */
public final class ShapeCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("all", new Shape(0, Shape.TO_THE_END), ramp(DType.FLOAT32, 2, 3, 4))
                        .expect(i64(2, 3, 4)),
                OpCase.of("from", new Shape(1, Shape.TO_THE_END), ramp(DType.FLOAT32, 2, 3, 4))
                        .expect(i64(3, 4)),
                OpCase.of("from the end", new Shape(-1, Shape.TO_THE_END), ramp(DType.FLOAT32, 2, 3, 4))
                        .expect(i64(4)),
                OpCase.of("to", new Shape(0, -1), ramp(DType.FLOAT32, 2, 3, 4)).expect(i64(2, 3)),
                OpCase.of("clamped", new Shape(-10, 10), ramp(DType.STRING, 2, 3))
                        .expect(i64(2, 3)),
                OpCase.of("crossed", new Shape(2, 1), ramp(DType.FLOAT32, 2, 3, 4))
                        .expect(i64()),
                OpCase.of("scalar", new Shape(0, Shape.TO_THE_END), Tensor.scalar(1f))
                        .expect(i64()));
    }
}
