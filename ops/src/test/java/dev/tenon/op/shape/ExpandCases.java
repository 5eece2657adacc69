package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.f32;
import static dev.tenon.op.shape.Values.i64;
import static dev.tenon.op.shape.Values.ramp;
import static dev.tenon.op.shape.Values.text;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Expand}. */
public final class ExpandCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("rows", new Expand(), f32(new long[] {3, 1}, 1, 2, 3), i64(2, 1, 6))
                        .expect(f32(
                                new long[] {2, 3, 6},
                                1,
                                1,
                                1,
                                1,
                                1,
                                1,
                                2,
                                2,
                                2,
                                2,
                                2,
                                2,
                                3,
                                3,
                                3,
                                3,
                                3,
                                3,
                                1,
                                1,
                                1,
                                1,
                                1,
                                1,
                                2,
                                2,
                                2,
                                2,
                                2,
                                2,
                                3,
                                3,
                                3,
                                3,
                                3,
                                3)),
                OpCase.of("unchanged by ones", new Expand(), ramp(DType.FLOAT32, 3, 4), i64(3, 1))
                        .expect(ramp(DType.FLOAT32, 3, 4)),
                OpCase.of("shorter shape", new Expand(), ramp(DType.FLOAT32, 3, 1), i64(2))
                        .expect(f32(new long[] {3, 2}, 1, 1, 2, 2, 3, 3)),
                OpCase.of("scalar", new Expand(), Tensor.scalar(5L), i64(3)).expect(i64(5, 5, 5)),
                OpCase.of("scalar to a scalar", new Expand(), Tensor.scalar(5L), i64())
                        .expect(Tensor.scalar(5L)),
                OpCase.of("to nothing", new Expand(), i64(5), i64(0)).expect(i64()),
                OpCase.of("mask", new Expand(), ramp(DType.FLOAT32, 2, 1, 1, 37), i64(2, 3, 37, 37)),
                OpCase.of("bytes", new Expand(), ramp(DType.BOOL, 40, 1), i64(40, 33)),
                OpCase.of("doubles in the middle", new Expand(), ramp(DType.FLOAT64, 3, 1, 2), i64(3, 21, 2)),
                OpCase.of("halves", new Expand(), ramp(DType.FLOAT16, 3, 1), i64(3, 19)),
                OpCase.of("strings", new Expand(), text("a"), i64(2)).expect(text("a", "a")),
                OpCase.of("mismatch", new Expand(), f32(1, 2, 3), i64(2)).fails("differ"),
                OpCase.of("negative", new Expand(), f32(1), i64(-1)).fails("dimension -1"),
                OpCase.of("too large", new Expand(), f32(1), i64(1L << 40)).fails("1099511627776"),
                OpCase.of("far too large", new Expand(), f32(1), i64(1L << 40, 1L << 40))
                        .fails("f32[1099511627776,1099511627776]"));
    }
}
