package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.f32;
import static dev.tenon.op.shape.Values.ramp;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link SpaceToDepth}. */
public final class SpaceToDepthCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("small", new SpaceToDepth(2), ramp(DType.FLOAT32, 1, 1, 2, 4))
                        .expect(f32(new long[] {1, 4, 1, 2}, 1, 3, 2, 4, 5, 7, 6, 8)),
                OpCase.of("image", new SpaceToDepth(2), ramp(DType.FLOAT32, 2, 3, 6, 10)),
                OpCase.of("blocks of 3", new SpaceToDepth(3), ramp(DType.INT16, 2, 3, 6, 9)),
                OpCase.of("indivisible", new SpaceToDepth(2), ramp(DType.FLOAT32, 1, 1, 2, 3))
                        .fails("dimension 3 of shape [1,1,2,3]; allowed multiples of 2"));
    }
}
