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

/** Cases of {@link TopK}. */
public final class TopKCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("largest", new TopK(-1, true, true), f32(new long[] {2, 4}, 0, 1, 2, 3, 7, 6, 5, 4), i64(2))
                        .expect(f32(new long[] {2, 2}, 3, 2, 7, 6), i64s(new long[] {2, 2}, 3, 2, 0, 1)),
                OpCase.of(
                                "smallest along the first axis",
                                new TopK(0, false, true),
                                i64s(new long[] {3, 2}, 5, 1, 3, 2, 4, 0),
                                i64(1))
                        .expect(i64s(new long[] {1, 2}, 3, 0), i64s(new long[] {1, 2}, 1, 2)),
                OpCase.of("equal ones", new TopK(-1, true, true), i64(1, 2, 2, 1), i64(3))
                        .expect(i64(2, 2, 1), i64(1, 2, 0)),
                OpCase.of("equal smallest", new TopK(-1, false, false), i64(1, 2, 2, 1), i64(3))
                        .expect(i64(1, 1, 2), i64(0, 3, 1)),
                OpCase.of(
                                "special values",
                                new TopK(-1, true, true),
                                f32(1, Float.NaN, Float.POSITIVE_INFINITY, -0f, 0f),
                                i64(5))
                        .expect(f32(Float.NaN, Float.POSITIVE_INFINITY, 1, -0f, 0f), i64(1, 2, 0, 3, 4)),
                OpCase.of(
                                "large integers",
                                new TopK(-1, true, true),
                                i64(Long.MAX_VALUE - 1, Long.MAX_VALUE, Long.MIN_VALUE),
                                i64(2))
                        .expect(i64(Long.MAX_VALUE, Long.MAX_VALUE - 1), i64(1, 0)),
                OpCase.of(
                                "unsigned",
                                new TopK(-1, true, true),
                                Tensor.convert(DType.UINT64, new long[] {1, -1}),
                                i64(1))
                        .expect(Tensor.convert(DType.UINT64, new long[] {-1}), i64(1)),
                OpCase.of("none", new TopK(-1, true, true), ramp(DType.FLOAT32, 2, 3), i64(0))
                        .expect(ramp(DType.FLOAT32, 2, 0), i64s(new long[] {2, 0})),
                OpCase.of("too many", new TopK(-1, true, true), ramp(DType.FLOAT32, 2, 3), i64(4))
                        .fails("K is 4 for axis -1 of shape [2,3]; allowed at most 3"),
                OpCase.of("negative", new TopK(-1, true, true), ramp(DType.FLOAT32, 2, 3), i64(-1))
                        .fails("K is -1"),
                OpCase.of("axis outside", new TopK(2, true, true), ramp(DType.FLOAT32, 2, 3), i64(1))
                        .fails("[-2, 1]"));
    }
}
