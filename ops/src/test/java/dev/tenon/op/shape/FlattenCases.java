package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.ramp;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Flatten}. */
public final class FlattenCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("default", new Flatten(1), ramp(DType.FLOAT32, 2, 3, 4))
                        .expect(ramp(DType.FLOAT32, 2, 12)),
                OpCase.of("zero", new Flatten(0), ramp(DType.FLOAT32, 2, 3, 4)).expect(ramp(DType.FLOAT32, 1, 24)),
                OpCase.of("rank", new Flatten(3), ramp(DType.FLOAT32, 2, 3, 4)).expect(ramp(DType.FLOAT32, 24, 1)),
                OpCase.of("from the end", new Flatten(-1), ramp(DType.FLOAT32, 2, 3, 4))
                        .expect(ramp(DType.FLOAT32, 6, 4)),
                OpCase.of("scalar", new Flatten(0), Tensor.scalar(1f)).expect(ramp(DType.FLOAT32, 1, 1)),
                OpCase.of("outside", new Flatten(4), ramp(DType.FLOAT32, 2, 3, 4))
                        .fails("[-3, 3]"));
    }
}
