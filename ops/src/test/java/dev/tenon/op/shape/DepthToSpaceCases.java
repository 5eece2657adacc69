package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.f32;
import static dev.tenon.op.shape.Values.ramp;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link DepthToSpace}. */
public final class DepthToSpaceCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("depth first", new DepthToSpace(2, "DCR"), ramp(DType.FLOAT32, 1, 8, 1, 2))
                        .expect(f32(new long[] {1, 2, 2, 4}, 1, 5, 2, 6, 9, 13, 10, 14, 3, 7, 4, 8, 11, 15, 12, 16)),
                OpCase.of("channel first", new DepthToSpace(2, "CRD"), ramp(DType.FLOAT32, 1, 8, 1, 2))
                        .expect(f32(new long[] {1, 2, 2, 4}, 1, 3, 2, 4, 5, 7, 6, 8, 9, 11, 10, 12, 13, 15, 14, 16)),
                OpCase.of("image", new DepthToSpace(3, "DCR"), ramp(DType.FLOAT32, 2, 18, 5, 7)),
                OpCase.of("bytes", new DepthToSpace(2, "CRD"), ramp(DType.UINT8, 2, 12, 5, 19)),
                OpCase.of("block of 1", new DepthToSpace(1, "DCR"), ramp(DType.FLOAT32, 1, 2, 2, 2))
                        .expect(ramp(DType.FLOAT32, 1, 2, 2, 2)),
                OpCase.of("indivisible", new DepthToSpace(2, "DCR"), ramp(DType.FLOAT32, 1, 6, 1, 2))
                        .fails("multiples of 4"),
                OpCase.of("rank 3", new DepthToSpace(2, "DCR"), ramp(DType.FLOAT32, 8, 1, 2))
                        .fails("rank 4"));
    }
}
