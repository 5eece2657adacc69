package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.f32;
import static dev.tenon.op.shape.Values.i32;
import static dev.tenon.op.shape.Values.i64;
import static dev.tenon.op.shape.Values.i64s;
import static dev.tenon.op.shape.Values.ramp;
import static dev.tenon.op.shape.Values.text;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Gather}. */
public final class GatherCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "rows",
                                new Gather(0),
                                f32(new long[] {3, 2}, 1f, 1.2f, 2.3f, 3.4f, 4.5f, 5.7f),
                                i64s(new long[] {2, 2}, 0, 1, 1, 2))
                        .expect(f32(new long[] {2, 2, 2}, 1f, 1.2f, 2.3f, 3.4f, 2.3f, 3.4f, 4.5f, 5.7f)),
                OpCase.of("columns", new Gather(1), ramp(DType.INT64, 3, 3), i64s(new long[] {1, 2}, 0, 2))
                        .expect(i64s(new long[] {3, 1, 2}, 1, 3, 4, 6, 7, 9)),
                OpCase.of("negative", new Gather(-1), i64(1, 2, 3), i64(-1, -3)).expect(i64(3, 1)),
                OpCase.of("scalar index", new Gather(0), i64(1, 2, 3), Tensor.scalar(1L))
                        .expect(Tensor.scalar(2L)),
                OpCase.of("scalar index of a matrix", new Gather(0), ramp(DType.FLOAT32, 2, 3), Tensor.scalar(1))
                        .expect(f32(4, 5, 6)),
                OpCase.of("no indices", new Gather(0), ramp(DType.FLOAT32, 2, 3), i64())
                        .expect(ramp(DType.FLOAT32, 0, 3)),
                OpCase.of(
                        "embedding",
                        new Gather(0),
                        ramp(DType.FLOAT32, 97, 48),
                        Tensor.of(new int[] {5, 96, 0, -1, 5, 33}, 2, 3)),
                OpCase.of("short rows", new Gather(1), ramp(DType.INT8, 4, 9, 3), i64(8, 0, -9, 3)),
                OpCase.of("rows of eleven bytes", new Gather(0), ramp(DType.UINT8, 9, 11), i64(8, 0, -9, 3)),
                OpCase.of("scalars", new Gather(0), ramp(DType.FLOAT32, 30), i64(29, 0, -30, 3)),
                OpCase.of("doubles", new Gather(0), ramp(DType.FLOAT64, 30), i32(29, 0, -30, 3)),
                OpCase.of("complex", new Gather(0), ramp(DType.COMPLEX128, 5, 2), i64(4, 0)),
                OpCase.of("strings", new Gather(0), text("a", "b"), i64(1, 0, 1))
                        .expect(text("b", "a", "b")),
                OpCase.of("packed", new Gather(0), ramp(DType.INT4, 3, 3), i64(2, 0)),
                OpCase.of("outside", new Gather(0), i64(1, 2, 3), i64(0, 3)).fails("index 3; allowed [-3, 2]"),
                OpCase.of("outside below", new Gather(0), i64(1, 2, 3), i64(-4)).fails("index -4"),
                OpCase.of("of an empty axis", new Gather(0), ramp(DType.FLOAT32, 0, 3), i64(0))
                        .fails("none, the dimension is 0"),
                OpCase.of("outside of empty rows", new Gather(0), ramp(DType.FLOAT32, 2, 0), i64(2))
                        .fails("index 2"),
                OpCase.of("of a scalar", new Gather(0), Tensor.scalar(1f), i64(0))
                        .fails("axis 0"),
                OpCase.of("axis outside", new Gather(1), i64(1, 2, 3), i64(0)).fails("[-1, 0]"));
    }
}
