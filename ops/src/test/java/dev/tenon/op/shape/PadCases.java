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

/** Cases of {@link Pad}. */
public final class PadCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "constant",
                                new Pad(Pad.Mode.CONSTANT),
                                ramp(DType.FLOAT32, 3, 2),
                                i64(0, 2, 0, 0),
                                Tensor.scalar(9f))
                        .expect(f32(new long[] {3, 4}, 9, 9, 1, 2, 9, 9, 3, 4, 9, 9, 5, 6)),
                OpCase.of("zero", new Pad(Pad.Mode.CONSTANT), i64(1, 2), i64(1, 2))
                        .expect(i64(0, 1, 2, 0, 0)),
                OpCase.of("reflect", new Pad(Pad.Mode.REFLECT), ramp(DType.FLOAT32, 3, 3), i64(0, 2, 0, 1))
                        .expect(f32(new long[] {3, 6}, 3, 2, 1, 2, 3, 2, 6, 5, 4, 5, 6, 5, 9, 8, 7, 8, 9, 8)),
                OpCase.of("reflect beyond the data", new Pad(Pad.Mode.REFLECT), i64(1, 2, 3), i64(4, 3))
                        .expect(i64(1, 2, 3, 2, 1, 2, 3, 2, 1, 2)),
                OpCase.of("reflect one", new Pad(Pad.Mode.REFLECT), i64(7), i64(2, 1))
                        .expect(i64(7, 7, 7, 7)),
                OpCase.of("edge", new Pad(Pad.Mode.EDGE), i64(1, 2, 3), i64(2, 1))
                        .expect(i64(1, 1, 1, 2, 3, 3)),
                OpCase.of("wrap", new Pad(Pad.Mode.WRAP), i64s(new long[] {3, 2}, 1, 2, 3, 4, 5, 6), i64(2, 1, 1, 1))
                        .expect(i64s(
                                new long[] {6, 4},
                                4,
                                3,
                                4,
                                3,
                                6,
                                5,
                                6,
                                5,
                                2,
                                1,
                                2,
                                1,
                                4,
                                3,
                                4,
                                3,
                                6,
                                5,
                                6,
                                5,
                                2,
                                1,
                                2,
                                1)),
                OpCase.of("wrap beyond the data", new Pad(Pad.Mode.WRAP), i64(1, 2), i64(3, 2))
                        .expect(i64(2, 1, 2, 1, 2, 1, 2)),
                OpCase.of("taken away", new Pad(Pad.Mode.CONSTANT), i64(1, 2, 3, 4), i64(-1, -2))
                        .expect(i64(2)),
                OpCase.of("taken away and added", new Pad(Pad.Mode.CONSTANT), i64(1, 2, 3), i64(-1, 2))
                        .expect(i64(2, 3, 0, 0)),
                OpCase.of("axes", new Pad(Pad.Mode.CONSTANT), ramp(DType.INT64, 1, 2, 1), i64(1, 1), null, i64(-2))
                        .expect(i64s(new long[] {1, 4, 1}, 0, 1, 2, 0)),
                OpCase.of(
                        "image",
                        new Pad(Pad.Mode.CONSTANT),
                        ramp(DType.FLOAT32, 2, 3, 5, 7),
                        i64(0, 0, 1, 2, 0, 0, 3, 1)),
                OpCase.of(
                        "image by a value",
                        new Pad(Pad.Mode.CONSTANT),
                        ramp(DType.UINT8, 2, 3, 5, 7),
                        i64(0, 0, 1, 2, 0, 0, 3, 1),
                        Tensor.convert(DType.UINT8, new long[] {200})),
                OpCase.of(
                        "image reflected",
                        new Pad(Pad.Mode.REFLECT),
                        ramp(DType.FLOAT32, 2, 3, 5, 7),
                        i64(0, 0, 1, 2, 0, 0, 3, 1)),
                OpCase.of(
                        "image by its edges",
                        new Pad(Pad.Mode.EDGE),
                        ramp(DType.FLOAT16, 2, 3, 5, 7),
                        i64(0, 0, 1, 2, 0, 0, -3, 1)),
                OpCase.of(
                        "image wrapped",
                        new Pad(Pad.Mode.WRAP),
                        ramp(DType.FLOAT64, 2, 3, 5, 7),
                        i64(0, 0, 1, 2, 0, 0, 3, 1)),
                OpCase.of("complex", new Pad(Pad.Mode.CONSTANT), ramp(DType.COMPLEX128, 2, 2), i64(1, 1, 1, 1)),
                OpCase.of("nothing padded", new Pad(Pad.Mode.CONSTANT), ramp(DType.FLOAT32, 0, 2), i64(1, 0, 0, 0))
                        .expect(f32(new long[] {1, 2}, 0, 0)),
                OpCase.of("scalar", new Pad(Pad.Mode.CONSTANT), Tensor.scalar(1f), i64())
                        .expect(Tensor.scalar(1f)),
                OpCase.of("strings", new Pad(Pad.Mode.CONSTANT), text("a"), i64(1, 1))
                        .expect(text("", "a", "")),
                OpCase.of("more taken away than there is", new Pad(Pad.Mode.CONSTANT), i64(1, 2), i64(-2, -1))
                        .fails("taking away at most 2"),
                OpCase.of("empty by its edges", new Pad(Pad.Mode.EDGE), i64(), i64(1, 0))
                        .fails("pads a dimension of 0"),
                OpCase.of("wrong count", new Pad(Pad.Mode.CONSTANT), i64(1, 2), i64(1))
                        .fails("1 pads for 1 axes"),
                OpCase.of("two values", new Pad(Pad.Mode.CONSTANT), i64(1, 2), i64(1, 1), i64(1, 2))
                        .fails("a scalar or one element"),
                OpCase.of("largest pads", new Pad(Pad.Mode.CONSTANT), i64(1, 2), i64(Long.MAX_VALUE, Long.MAX_VALUE))
                        .fails("sums below 2^63"),
                OpCase.of("axis outside", new Pad(Pad.Mode.CONSTANT), i64(1, 2), i64(1, 1), null, i64(1))
                        .fails("[-1, 0]"));
    }
}
