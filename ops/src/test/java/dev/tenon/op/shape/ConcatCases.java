package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.f32;
import static dev.tenon.op.shape.Values.i64;
import static dev.tenon.op.shape.Values.ramp;
import static dev.tenon.op.shape.Values.text;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Concat}. */
public final class ConcatCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("rows", new Concat(0), f32(new long[] {1, 2}, 1, 2), f32(new long[] {2, 2}, 3, 4, 5, 6))
                        .expect(f32(new long[] {3, 2}, 1, 2, 3, 4, 5, 6)),
                OpCase.of("columns", new Concat(-1), f32(new long[] {2, 1}, 1, 2), f32(new long[] {2, 2}, 3, 4, 5, 6))
                        .expect(f32(new long[] {2, 3}, 1, 3, 4, 2, 5, 6)),
                OpCase.of("single", new Concat(0), i64(1, 2)).expect(i64(1, 2)),
                OpCase.of("empty one among them", new Concat(0), i64(1, 2), i64(), i64(3))
                        .expect(i64(1, 2, 3)),
                OpCase.of("strings", new Concat(0), text("a"), text("b", "c")).expect(text("a", "b", "c")),
                OpCase.of("packed", new Concat(1), ramp(DType.INT4, 3, 3), ramp(DType.INT4, 3, 2)),
                OpCase.of(
                        "channels",
                        new Concat(1),
                        ramp(DType.FLOAT32, 2, 3, 5, 5),
                        ramp(DType.FLOAT32, 2, 4, 5, 5),
                        ramp(DType.FLOAT32, 2, 1, 5, 5)),
                OpCase.of(
                        "short columns",
                        new Concat(1),
                        ramp(DType.INT8, 37, 3),
                        ramp(DType.INT8, 37, 1),
                        ramp(DType.INT8, 37, 70)),
                OpCase.of("long", new Concat(0), ramp(DType.FLOAT32, 70000), ramp(DType.FLOAT32, 3)),
                OpCase.of("ranks differ", new Concat(0), ramp(DType.FLOAT32, 2), ramp(DType.FLOAT32, 1, 2))
                        .fails("rank 1 as the others"),
                OpCase.of("dimensions differ", new Concat(0), ramp(DType.FLOAT32, 2, 3), ramp(DType.FLOAT32, 2, 4))
                        .fails("3 and 4 differ"),
                OpCase.of("axis outside", new Concat(2), ramp(DType.FLOAT32, 2, 3))
                        .fails("[-2, 1]"),
                OpCase.of("types differ", new Concat(0), f32(1), i64(1)).fails("f32, as the operand before it"));
    }
}
