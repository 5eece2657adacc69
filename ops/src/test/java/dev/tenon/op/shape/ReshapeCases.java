package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.f32;
import static dev.tenon.op.shape.Values.i64;
import static dev.tenon.op.shape.Values.i64s;
import static dev.tenon.op.shape.Values.ramp;
import static dev.tenon.op.shape.Values.text;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Reshape}. */
public final class ReshapeCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("plain", new Reshape(false), ramp(DType.FLOAT32, 2, 3), i64(3, 2))
                        .expect(f32(new long[] {3, 2}, 1, 2, 3, 4, 5, 6)),
                OpCase.of("open", new Reshape(false), ramp(DType.FLOAT32, 2, 3, 4), i64(6, -1))
                        .expect(ramp(DType.FLOAT32, 6, 4)),
                OpCase.of("kept", new Reshape(false), ramp(DType.FLOAT32, 2, 3, 4), i64(0, 0, 2, 2))
                        .expect(ramp(DType.FLOAT32, 2, 3, 2, 2)),
                OpCase.of("kept and open", new Reshape(false), ramp(DType.FLOAT32, 2, 3, 4), i64(0, -1))
                        .expect(ramp(DType.FLOAT32, 2, 12)),
                OpCase.of("kept and open, empty", new Reshape(false), ramp(DType.FLOAT32, 0, 3, 4), i64(0, -1))
                        .expect(ramp(DType.FLOAT32, 0, 12)),
                OpCase.of("to a scalar", new Reshape(false), f32(5), i64()).expect(Tensor.scalar(5f)),
                OpCase.of("from a scalar", new Reshape(false), Tensor.scalar(5f), i64(1, -1))
                        .expect(f32(new long[] {1, 1}, 5)),
                OpCase.of("zero allowed", new Reshape(true), ramp(DType.FLOAT32, 0, 3), i64(5, 0))
                        .expect(ramp(DType.FLOAT32, 5, 0)),
                OpCase.of("zero in its place", new Reshape(true), ramp(DType.FLOAT32, 0, 3, 5), i64(0, 5))
                        .expect(ramp(DType.FLOAT32, 0, 5)),
                OpCase.of("strings", new Reshape(false), text("a", "b"), i64(2, 1))
                        .expect(Tensor.of(new String[] {"a", "b"}, 2, 1)),
                OpCase.of("packed", new Reshape(false), ramp(DType.INT4, 3, 3), i64(9))
                        .expect(ramp(DType.INT4, 9)),
                OpCase.of("mismatch", new Reshape(false), ramp(DType.FLOAT32, 2, 3), i64(4, 2))
                        .fails("shape [2,3] does not fit into [4,2]"),
                OpCase.of("remainder", new Reshape(false), ramp(DType.FLOAT32, 2, 3), i64(4, -1))
                        .fails("shape [2,3] does not fit into [4,-1]"),
                OpCase.of("open twice", new Reshape(false), ramp(DType.FLOAT32, 2, 3), i64(-1, -1))
                        .fails("-1 twice"),
                OpCase.of("open beside zero", new Reshape(true), ramp(DType.FLOAT32, 0, 3), i64(0, -1))
                        .fails("both 0 and -1"),
                OpCase.of("zero without a dimension", new Reshape(false), ramp(DType.FLOAT32, 6), i64(6, 0))
                        .fails("keeps no dimension of [6]"),
                OpCase.of("below -1", new Reshape(false), ramp(DType.FLOAT32, 6), i64(-2))
                        .fails("dimension -2"),
                OpCase.of("shape of rank 2", new Reshape(false), ramp(DType.FLOAT32, 6), i64s(new long[] {1, 1}, 6))
                        .fails("rank 1"),
                OpCase.of("overflow", new Reshape(false), ramp(DType.FLOAT32, 6), i64(1L << 40, 1L << 40))
                        .fails("overflows"));
    }
}
