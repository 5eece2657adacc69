package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.i64;
import static dev.tenon.op.shape.Values.i64s;
import static dev.tenon.op.shape.Values.ramp;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link GatherND}. */
public final class GatherNDCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "elements",
                                new GatherND(0),
                                i64s(new long[] {2, 2}, 0, 1, 2, 3),
                                i64s(new long[] {2, 2}, 0, 0, 1, 1))
                        .expect(i64(0, 3)),
                OpCase.of("rows", new GatherND(0), i64s(new long[] {2, 2}, 0, 1, 2, 3), i64s(new long[] {2, 1}, 1, 0))
                        .expect(i64s(new long[] {2, 2}, 2, 3, 0, 1)),
                OpCase.of(
                                "batches",
                                new GatherND(1),
                                i64s(new long[] {2, 2, 2}, 0, 1, 2, 3, 4, 5, 6, 7),
                                i64s(new long[] {2, 1}, 1, 0))
                        .expect(i64s(new long[] {2, 2}, 2, 3, 4, 5)),
                OpCase.of("negative", new GatherND(0), ramp(DType.FLOAT32, 2, 3), i64(-1, -1))
                        .expect(Tensor.scalar(6f)),
                OpCase.of("no indices", new GatherND(0), ramp(DType.FLOAT32, 2, 3), i64s(new long[] {0, 1}))
                        .expect(ramp(DType.FLOAT32, 0, 3)),
                OpCase.of("outside", new GatherND(0), ramp(DType.FLOAT32, 2, 3), i64(0, 3))
                        .fails("index 3; allowed [-3, 2]"),
                OpCase.of("too many coordinates", new GatherND(0), ramp(DType.FLOAT32, 2), i64(0, 0))
                        .fails("2 coordinates"),
                OpCase.of("no coordinates", new GatherND(0), ramp(DType.FLOAT32, 2), i64())
                        .fails("0 coordinates"),
                OpCase.of(
                                "batches differ",
                                new GatherND(1),
                                ramp(DType.FLOAT32, 2, 3),
                                i64s(new long[] {3, 1}, 0, 0, 0))
                        .fails("2 and 3 differ"),
                OpCase.of("batches beyond the rank", new GatherND(1), ramp(DType.FLOAT32, 2), i64(0))
                        .fails("below both ranks"));
    }
}
