package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.f32;
import static dev.tenon.op.shape.Values.i64;
import static dev.tenon.op.shape.Values.i64s;
import static dev.tenon.op.shape.Values.ramp;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link GatherElements}. */
public final class GatherElementsCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "columns",
                                new GatherElements(1),
                                i64s(new long[] {2, 2}, 1, 2, 3, 4),
                                i64s(new long[] {2, 2}, 0, 0, 1, 0))
                        .expect(i64s(new long[] {2, 2}, 1, 1, 4, 3)),
                OpCase.of(
                                "rows",
                                new GatherElements(0),
                                ramp(DType.FLOAT32, 3, 3),
                                i64s(new long[] {2, 3}, 1, 2, 0, 2, 0, 0))
                        .expect(f32(new long[] {2, 3}, 4, 8, 3, 7, 2, 3)),
                OpCase.of("negative", new GatherElements(-1), ramp(DType.FLOAT32, 3), Tensor.of(new int[] {-1, -3}))
                        .expect(f32(3, 1)),
                OpCase.of("no indices", new GatherElements(0), ramp(DType.FLOAT32, 3, 2), i64s(new long[] {0, 2}))
                        .expect(ramp(DType.FLOAT32, 0, 2)),
                OpCase.of("outside", new GatherElements(0), ramp(DType.FLOAT32, 3), i64(3))
                        .fails("index 3; allowed [-3, 2]"),
                OpCase.of("ranks differ", new GatherElements(0), ramp(DType.FLOAT32, 3), i64s(new long[] {1, 1}, 0))
                        .fails("the same rank"),
                OpCase.of(
                                "too wide",
                                new GatherElements(0),
                                ramp(DType.FLOAT32, 3, 2),
                                i64s(new long[] {1, 3}, 0, 0, 0))
                        .fails("in dimension 1"));
    }
}
