package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.bools;
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

/** Cases of {@link ScatterElements}. */
public final class ScatterElementsCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "replaced",
                                new ScatterElements(1, "none"),
                                f32(new long[] {1, 5}, 1f, 2f, 3f, 4f, 5f),
                                i64s(new long[] {1, 2}, 1, 3),
                                f32(new long[] {1, 2}, 1.1f, 2.1f))
                        .expect(f32(new long[] {1, 5}, 1f, 1.1f, 3f, 2.1f, 5f)),
                OpCase.of(
                                "rows",
                                new ScatterElements(0, "none"),
                                f32(new long[] {3, 3}, 0, 0, 0, 0, 0, 0, 0, 0, 0),
                                i64s(new long[] {2, 3}, 1, 0, 2, 0, 2, 1),
                                f32(new long[] {2, 3}, 1f, 1.1f, 1.2f, 2f, 2.1f, 2.2f))
                        .expect(f32(new long[] {3, 3}, 2f, 1.1f, 0f, 1f, 0f, 2.2f, 0f, 2.1f, 1.2f)),
                OpCase.of("added", new ScatterElements(0, "add"), f32(1, 2, 3), i64(1, 1, -1), f32(10, 20, 30))
                        .expect(f32(1, 32, 33)),
                OpCase.of("added to large ones", new ScatterElements(0, "add"), f32(0x1p24f), i64(0, 0), f32(1, 1))
                        .expect(f32(0x1.000002p24f)),
                OpCase.of("multiplied", new ScatterElements(0, "mul"), f32(1, 2, 3), i64(1, 1), f32(10, 20))
                        .expect(f32(1, 400, 3)),
                OpCase.of("greatest", new ScatterElements(0, "max"), f32(1, 2, 3), i64(0, 1, 2), f32(0, 5, Float.NaN))
                        .expect(f32(1, 5, Float.NaN)),
                OpCase.of("least", new ScatterElements(0, "min"), f32(1, 2, Float.NaN), i64(0, 1, 2), f32(0, 5, 1))
                        .expect(f32(0, 2, Float.NaN)),
                OpCase.of(
                                "integers wrap",
                                new ScatterElements(0, "add"),
                                Tensor.of(new byte[] {100, 1}),
                                i64(0),
                                Tensor.of(new byte[] {100}))
                        .expect(Tensor.of(new byte[] {-56, 1})),
                OpCase.of(
                                "unsigned greatest",
                                new ScatterElements(0, "max"),
                                Tensor.convert(DType.UINT64, new long[] {-1, 1}),
                                i64(0, 1),
                                Tensor.convert(DType.UINT64, new long[] {5, -2}))
                        .expect(Tensor.convert(DType.UINT64, new long[] {-1, -2})),
                OpCase.of("booleans", new ScatterElements(0, "add"), bools(false, true), i64(0, 1), bools(true, true))
                        .expect(bools(true, true)),
                OpCase.of(
                                "halves",
                                new ScatterElements(0, "add"),
                                ramp(DType.FLOAT16, 3),
                                i64(0),
                                ramp(DType.FLOAT16, 1))
                        .expect(Tensor.convert(DType.FLOAT16, new long[] {2, 2, 3})),
                OpCase.of("strings", new ScatterElements(0, "none"), text("a", "b"), i64(1), text("c"))
                        .expect(text("a", "c")),
                OpCase.of("nothing", new ScatterElements(0, "add"), f32(1, 2), i64(), f32(new long[] {0}))
                        .expect(f32(1, 2)),
                OpCase.of("outside", new ScatterElements(0, "none"), f32(1, 2), i64(2), f32(1))
                        .fails("index 2; allowed [-2, 1]"),
                OpCase.of("other shape of updates", new ScatterElements(0, "none"), f32(1, 2), i64(1), f32(1, 2))
                        .fails("updates of shape [2]"),
                OpCase.of("strings added", new ScatterElements(0, "add"), text("a"), i64(0), text("c"))
                        .fails("reduction 'add' of string"));
    }
}
