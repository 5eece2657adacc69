package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.f32;
import static dev.tenon.op.shape.Values.i32;
import static dev.tenon.op.shape.Values.i64;
import static dev.tenon.op.shape.Values.i64s;
import static dev.tenon.op.shape.Values.ramp;
import static dev.tenon.op.shape.Values.text;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Slice}. */
public final class SliceCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "the standard's example",
                                new Slice(),
                                i64s(new long[] {2, 4}, 1, 2, 3, 4, 5, 6, 7, 8),
                                i64(1, 0),
                                i64(2, 3),
                                i64(0, 1),
                                i64(1, 2))
                        .expect(i64s(new long[] {1, 2}, 5, 7)),
                OpCase.of(
                                "the standard's second example",
                                new Slice(),
                                i64s(new long[] {2, 4}, 1, 2, 3, 4, 5, 6, 7, 8),
                                i64(0, 1),
                                i64(-1, 1000))
                        .expect(i64s(new long[] {1, 3}, 2, 3, 4)),
                OpCase.of("to the end", new Slice(), i64(1, 2, 3), i64(1), i64(Long.MAX_VALUE))
                        .expect(i64(2, 3)),
                OpCase.of("from the end", new Slice(), i64(1, 2, 3), i64(-2), i64(Integer.MAX_VALUE), i64(-1))
                        .expect(i64(2, 3)),
                OpCase.of("backwards", new Slice(), i64(1, 2, 3, 4), i64(-1), i64(Long.MIN_VALUE), i64(0), i64(-1))
                        .expect(i64(4, 3, 2, 1)),
                OpCase.of("backwards by three", new Slice(), i64(1, 2, 3, 4, 5), i64(100), i64(-100), i64(0), i64(-3))
                        .expect(i64(5, 2)),
                OpCase.of(
                                "backwards from before the start",
                                new Slice(),
                                i64(1, 2, 3),
                                i64(-100),
                                i64(-200),
                                i64(0),
                                i64(-1))
                        .expect(i64(1)),
                OpCase.of("nothing", new Slice(), i64(1, 2, 3), i64(2), i64(1)).expect(i64()),
                OpCase.of("start beyond the end", new Slice(), i64(1, 2, 3), i64(5), i64(9))
                        .expect(i64()),
                OpCase.of("of nothing", new Slice(), i64(), i64(-1), i64(Long.MIN_VALUE), i64(0), i64(-1))
                        .expect(i64()),
                OpCase.of(
                                "widest step",
                                new Slice(),
                                i64(1, 2, 3),
                                i64(-1),
                                i64(Long.MIN_VALUE),
                                i64(0),
                                i64(Long.MIN_VALUE))
                        .expect(i64(3)),
                OpCase.of("int32 bounds", new Slice(), f32(1, 2, 3), i32(0), i32(2), i32(0), i32(1))
                        .expect(f32(1, 2)),
                OpCase.of("rows and columns", new Slice(), ramp(DType.FLOAT32, 40, 50), i64(3, 4), i64(33, 47)),
                OpCase.of(
                        "every other column",
                        new Slice(),
                        ramp(DType.FLOAT32, 40, 50),
                        i64(0),
                        i64(50),
                        i64(1),
                        i64(2)),
                OpCase.of(
                        "bytes backwards",
                        new Slice(),
                        ramp(DType.INT8, 5, 33),
                        i64(-1),
                        i64(Long.MIN_VALUE),
                        i64(1),
                        i64(-1)),
                OpCase.of(
                        "rows backwards",
                        new Slice(),
                        ramp(DType.FLOAT64, 9, 33),
                        i64(-1),
                        i64(Long.MIN_VALUE),
                        i64(0),
                        i64(-2)),
                OpCase.of("position ids", new Slice(), ramp(DType.INT64, 1, 512), i64(0), i64(17), i64(1)),
                OpCase.of("strings", new Slice(), text("a", "b", "c"), i64(1), i64(3))
                        .expect(text("b", "c")),
                OpCase.of("packed", new Slice(), ramp(DType.UINT4, 3, 5), i64(1), i64(4), i64(1)),
                OpCase.of("step 0", new Slice(), i64(1, 2, 3), i64(0), i64(2), i64(0), i64(0))
                        .fails("'steps' holds 0"),
                OpCase.of("axis outside", new Slice(), i64(1, 2, 3), i64(0), i64(2), i64(1))
                        .fails("[-1, 0]"),
                OpCase.of("axis twice", new Slice(), ramp(DType.FLOAT32, 2, 3), i64(0, 0), i64(1, 1), i64(1, -1))
                        .fails("given twice"),
                OpCase.of("lengths differ", new Slice(), ramp(DType.FLOAT32, 2, 3), i64(0, 0), i64(1))
                        .fails("'ends' has 1 elements"),
                OpCase.of("more starts than axes", new Slice(), i64(1), i64(0, 0), i64(1, 1))
                        .fails("[-1, 0]"));
    }
}
