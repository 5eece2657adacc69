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

/** Cases of {@link Trilu}. */
public final class TriluCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("upper", new Trilu(true), ramp(DType.FLOAT32, 3, 3))
                        .expect(f32(new long[] {3, 3}, 1, 2, 3, 0, 5, 6, 0, 0, 9)),
                OpCase.of("lower", new Trilu(false), ramp(DType.FLOAT32, 2, 3))
                        .expect(f32(new long[] {2, 3}, 1, 0, 0, 4, 5, 0)),
                OpCase.of("above", new Trilu(true), ramp(DType.INT64, 2, 2), Tensor.scalar(1L))
                        .expect(i64s(new long[] {2, 2}, 0, 2, 0, 0)),
                OpCase.of("below", new Trilu(false), ramp(DType.INT64, 2, 2), i64(-1))
                        .expect(i64s(new long[] {2, 2}, 0, 0, 3, 0)),
                OpCase.of("everything", new Trilu(true), ramp(DType.INT64, 1, 2), Tensor.scalar(Long.MIN_VALUE))
                        .expect(i64s(new long[] {1, 2}, 1, 2)),
                OpCase.of("nothing", new Trilu(true), ramp(DType.INT64, 1, 2), Tensor.scalar(Long.MAX_VALUE))
                        .expect(i64s(new long[] {1, 2}, 0, 0)),
                OpCase.of("batch", new Trilu(true), ramp(DType.BOOL, 2, 3, 5, 4), Tensor.scalar(1L)),
                OpCase.of("strings", new Trilu(false), Tensor.of(new String[] {"a", "b"}, 1, 2))
                        .expect(Tensor.of(new String[] {"a", ""}, 1, 2)),
                OpCase.of("vector", new Trilu(true), ramp(DType.FLOAT32, 3)).fails("rank 2 and above"));
    }
}
