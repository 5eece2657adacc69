package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.f32;
import static dev.tenon.op.shape.Values.i64s;
import static dev.tenon.op.shape.Values.ramp;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link EyeLike}. */
public final class EyeLikeCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("square", new EyeLike(null, 0), ramp(DType.FLOAT32, 2, 2))
                        .expect(f32(new long[] {2, 2}, 1, 0, 0, 1)),
                OpCase.of("upper diagonal", new EyeLike(DType.INT64, 1), ramp(DType.FLOAT32, 2, 3))
                        .expect(i64s(new long[] {2, 3}, 0, 1, 0, 0, 0, 1)),
                OpCase.of("lower diagonal", new EyeLike(DType.BOOL, -1), ramp(DType.INT8, 2, 2))
                        .expect(Tensor.of(new boolean[] {false, false, true, false}, 2, 2)),
                OpCase.of("far diagonal", new EyeLike(DType.INT64, Long.MIN_VALUE), ramp(DType.FLOAT32, 2, 1))
                        .expect(i64s(new long[] {2, 1}, 0, 0)),
                OpCase.of("farthest diagonal", new EyeLike(DType.INT64, Long.MAX_VALUE), ramp(DType.FLOAT32, 2, 1))
                        .expect(i64s(new long[] {2, 1}, 0, 0)),
                OpCase.of("empty", new EyeLike(null, 0), ramp(DType.FLOAT32, 2, 0))
                        .expect(ramp(DType.FLOAT32, 2, 0)),
                OpCase.of("vector", new EyeLike(null, 0), ramp(DType.FLOAT32, 2))
                        .fails("rank 2"));
    }
}
