package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.f32;
import static dev.tenon.op.shape.Values.i64s;
import static dev.tenon.op.shape.Values.ramp;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Transpose}. */
public final class TransposeCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("reversed", new Transpose(List.of()), ramp(DType.FLOAT32, 2, 3))
                        .expect(f32(new long[] {3, 2}, 1, 4, 2, 5, 3, 6)),
                OpCase.of("permuted", new Transpose(List.of(1, 0, 2)), ramp(DType.INT64, 2, 2, 2))
                        .expect(i64s(new long[] {2, 2, 2}, 1, 2, 5, 6, 3, 4, 7, 8)),
                OpCase.of("scalar", new Transpose(List.of()), Tensor.scalar(3f)).expect(Tensor.scalar(3f)),
                OpCase.of("empty", new Transpose(List.of(1, 0)), ramp(DType.FLOAT32, 0, 3))
                        .expect(ramp(DType.FLOAT32, 3, 0)),
                OpCase.of("heads", new Transpose(List.of(0, 2, 1, 3)), ramp(DType.FLOAT32, 2, 9, 3, 32)),
                OpCase.of("heads of few elements", new Transpose(List.of(0, 2, 1, 3)), ramp(DType.FLOAT32, 2, 9, 3, 2)),
                OpCase.of("heads of three bytes", new Transpose(List.of(0, 2, 1, 3)), ramp(DType.INT8, 2, 9, 3, 3)),
                OpCase.of("heads transposed", new Transpose(List.of(0, 2, 3, 1)), ramp(DType.FLOAT32, 1, 21, 2, 19)),
                OpCase.of("channels last", new Transpose(List.of(0, 2, 3, 1)), ramp(DType.FLOAT32, 2, 8, 5, 7)),
                OpCase.of("beyond a block", new Transpose(List.of()), ramp(DType.FLOAT32, 150, 131)),
                OpCase.of("two bytes", new Transpose(List.of()), ramp(DType.BFLOAT16, 33, 17)),
                OpCase.of("one byte", new Transpose(List.of()), ramp(DType.UINT8, 33, 17)),
                OpCase.of("eight bytes", new Transpose(List.of()), ramp(DType.FLOAT64, 33, 17)),
                OpCase.of("sixteen bytes", new Transpose(List.of()), ramp(DType.COMPLEX128, 5, 4)),
                OpCase.of("strings", new Transpose(List.of()), Tensor.of(new String[] {"a", "b", "c", "d"}, 2, 2))
                        .expect(Tensor.of(new String[] {"a", "c", "b", "d"}, 2, 2)),
                OpCase.of("packed", new Transpose(List.of()), ramp(DType.UINT4, 3, 3)),
                OpCase.of("wrong rank", new Transpose(List.of(0, 1)), ramp(DType.FLOAT32, 2, 3, 4))
                        .fails("perm [0, 1] does not fit shape [2,3,4]"));
    }
}
