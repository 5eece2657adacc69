package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.f32;
import static dev.tenon.op.shape.Values.i32;
import static dev.tenon.op.shape.Values.i64;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Range}. */
public final class RangeCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("up", new Range(), Tensor.scalar(3L), Tensor.scalar(9L), Tensor.scalar(3L))
                        .expect(i64(3, 6)),
                OpCase.of("down", new Range(), Tensor.scalar(10), Tensor.scalar(4), Tensor.scalar(-2))
                        .expect(i32(10, 8, 6)),
                OpCase.of("floats", new Range(), Tensor.scalar(0f), Tensor.scalar(1f), Tensor.scalar(0.25f))
                        .expect(f32(0, 0.25f, 0.5f, 0.75f)),
                OpCase.of(
                                "last step over the limit",
                                new Range(),
                                Tensor.scalar(0.0),
                                Tensor.scalar(2.5),
                                Tensor.scalar(1.0))
                        .expect(Tensor.of(new double[] {0, 1, 2})),
                OpCase.of(
                                "shorts",
                                new Range(),
                                Tensor.convert(DType.INT16, new long[] {5}),
                                Tensor.convert(DType.INT16, new long[] {7}),
                                Tensor.convert(DType.INT16, new long[] {1}))
                        .expect(Tensor.of(new short[] {5, 6})),
                OpCase.of("wrong direction", new Range(), Tensor.scalar(3L), Tensor.scalar(9L), Tensor.scalar(-1L))
                        .expect(i64()),
                OpCase.of(
                                "across all numbers",
                                new Range(),
                                Tensor.scalar(Long.MIN_VALUE),
                                Tensor.scalar(Long.MAX_VALUE),
                                Tensor.scalar(1L << 62))
                        .expect(i64(Long.MIN_VALUE, Long.MIN_VALUE / 2, 0, Long.MAX_VALUE / 2 + 1)),
                OpCase.of("step 0", new Range(), Tensor.scalar(3L), Tensor.scalar(9L), Tensor.scalar(0L))
                        .fails("delta is 0"),
                OpCase.of(
                                "to infinity",
                                new Range(),
                                Tensor.scalar(3f),
                                Tensor.scalar(Float.POSITIVE_INFINITY),
                                Tensor.scalar(1f))
                        .fails("finite operands"),
                OpCase.of("start of two elements", new Range(), i64(1, 2), Tensor.scalar(9L), Tensor.scalar(1L))
                        .fails("a scalar or one element"),
                OpCase.of(
                                "far too large",
                                new Range(),
                                Tensor.scalar(0L),
                                Tensor.scalar(Long.MAX_VALUE),
                                Tensor.scalar(1L))
                        .fails("9223372036854775807 elements"));
    }
}
