package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.ramp;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Size}. */
public final class SizeCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("matrix", new Size(), ramp(DType.FLOAT32, 2, 3)).expect(Tensor.scalar(6L)),
                OpCase.of("scalar", new Size(), Tensor.scalar(1f)).expect(Tensor.scalar(1L)),
                OpCase.of("empty", new Size(), ramp(DType.STRING, 2, 0)).expect(Tensor.scalar(0L)));
    }
}
