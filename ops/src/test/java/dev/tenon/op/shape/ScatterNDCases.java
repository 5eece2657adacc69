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

/** Cases of {@link ScatterND}. */
public final class ScatterNDCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "elements",
                                new ScatterND("none"),
                                ramp(DType.INT64, 8),
                                i64s(new long[] {4, 1}, 4, 3, 1, 7),
                                i64(9, 10, 11, 12))
                        .expect(i64(1, 11, 3, 10, 9, 6, 7, 12)),
                OpCase.of(
                                "rows",
                                new ScatterND("none"),
                                ramp(DType.FLOAT32, 3, 2),
                                i64s(new long[] {1, 1}, -1),
                                f32(new long[] {1, 2}, 8, 9))
                        .expect(f32(new long[] {3, 2}, 1, 2, 3, 4, 8, 9)),
                OpCase.of(
                                "rows added",
                                new ScatterND("add"),
                                ramp(DType.FLOAT32, 2, 2),
                                i64s(new long[] {2, 1}, 0, 0),
                                f32(new long[] {2, 2}, 10, 20, 30, 40))
                        .expect(f32(new long[] {2, 2}, 41, 62, 3, 4)),
                OpCase.of("multiplied", new ScatterND("mul"), i64(2, 3), i64s(new long[] {2, 1}, 1, 1), i64(4, 5))
                        .expect(i64(2, 60)),
                OpCase.of("greatest", new ScatterND("max"), i64(2, 3), i64s(new long[] {2, 1}, 0, 1), i64(4, -5))
                        .expect(i64(4, 3)),
                OpCase.of("least", new ScatterND("min"), i64(2, 3), i64s(new long[] {2, 1}, 0, 1), i64(4, -5))
                        .expect(i64(2, -5)),
                OpCase.of("one tuple", new ScatterND("none"), ramp(DType.FLOAT32, 2, 2), i64(1, 0), Tensor.scalar(9f))
                        .expect(f32(new long[] {2, 2}, 1, 2, 9, 4)),
                OpCase.of("outside", new ScatterND("none"), i64(2, 3), i64s(new long[] {1, 1}, 2), i64(4))
                        .fails("index 2; allowed [-2, 1]"),
                OpCase.of(
                                "too many coordinates",
                                new ScatterND("none"),
                                i64(2, 3),
                                i64s(new long[] {1, 2}, 0, 0),
                                i64(4))
                        .fails("2 coordinates"),
                OpCase.of(
                                "other shape of updates",
                                new ScatterND("none"),
                                i64(2, 3),
                                i64s(new long[] {1, 1}, 0),
                                i64(4, 5))
                        .fails("updates of shape [2]"));
    }
}
