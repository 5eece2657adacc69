package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.i64;
import static dev.tenon.op.shape.Values.ramp;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Unsqueeze}. */
public final class UnsqueezeCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("front", new Unsqueeze(), ramp(DType.FLOAT32, 3), i64(0))
                        .expect(ramp(DType.FLOAT32, 1, 3)),
                OpCase.of("both ends, out of order", new Unsqueeze(), ramp(DType.FLOAT32, 3), i64(2, 0))
                        .expect(ramp(DType.FLOAT32, 1, 3, 1)),
                OpCase.of("from the end", new Unsqueeze(), ramp(DType.FLOAT32, 3, 2), i64(-2))
                        .expect(ramp(DType.FLOAT32, 3, 1, 2)),
                OpCase.of("scalar", new Unsqueeze(), Tensor.scalar(4L), i64(0)).expect(i64(4)),
                OpCase.of("scalar axis", new Unsqueeze(), Tensor.scalar(4L), Tensor.scalar(0L))
                        .expect(i64(4)),
                OpCase.of("outside", new Unsqueeze(), ramp(DType.FLOAT32, 3), i64(2))
                        .fails("[-2, 1]"),
                OpCase.of("twice", new Unsqueeze(), ramp(DType.FLOAT32, 3), i64(0, -3))
                        .fails("given twice"));
    }
}
