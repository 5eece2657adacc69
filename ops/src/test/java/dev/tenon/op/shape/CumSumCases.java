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

/** Cases of {@link CumSum}. */
public final class CumSumCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("plain", new CumSum(false, false), i64(1, 2, 3), Tensor.scalar(0L))
                        .expect(i64(1, 3, 6)),
                OpCase.of("exclusive", new CumSum(true, false), i64(1, 2, 3), Tensor.scalar(0L))
                        .expect(i64(0, 1, 3)),
                OpCase.of("reverse", new CumSum(false, true), f32(1, 2, 3), Tensor.scalar(0))
                        .expect(f32(6, 5, 3)),
                OpCase.of("exclusive and reverse", new CumSum(true, true), f32(1, 2, 3), Tensor.scalar(-1))
                        .expect(f32(5, 3, 0)),
                OpCase.of("rows", new CumSum(false, false), i64s(new long[] {2, 3}, 1, 2, 3, 4, 5, 6), i64(0))
                        .expect(i64s(new long[] {2, 3}, 1, 2, 3, 5, 7, 9)),
                OpCase.of("columns", new CumSum(false, false), i64s(new long[] {2, 3}, 1, 2, 3, 4, 5, 6), i64(1))
                        .expect(i64s(new long[] {2, 3}, 1, 3, 6, 4, 9, 15)),
                OpCase.of("rows of several vectors", new CumSum(false, false), ramp(DType.FLOAT32, 2, 40), i64(1))
                        .expect(sums(2, 40)),
                OpCase.of("bytes wrap", new CumSum(false, false), Tensor.of(new byte[] {100, 100}), Tensor.scalar(0L))
                        .expect(Tensor.of(new byte[] {100, -56})),
                OpCase.of(
                                "after infinity",
                                new CumSum(false, false),
                                f32(1, Float.POSITIVE_INFINITY, 1, Float.NEGATIVE_INFINITY),
                                Tensor.scalar(0L))
                        .expect(f32(1, Float.POSITIVE_INFINITY, Float.POSITIVE_INFINITY, Float.NaN)),
                OpCase.of("doubles", new CumSum(false, false), Tensor.of(new double[] {1, 0x1p-52}), Tensor.scalar(0L))
                        .expect(Tensor.of(new double[] {1, 1 + 0x1p-52})),
                OpCase.of("empty", new CumSum(false, false), ramp(DType.FLOAT16, 0, 2), Tensor.scalar(0L))
                        .expect(ramp(DType.FLOAT16, 0, 2)),
                OpCase.of("axis outside", new CumSum(false, false), i64(1, 2, 3), Tensor.scalar(1L))
                        .fails("[-1, 0]"));
    }

    /** The sums along the rows of a ramp. */
    private static Tensor sums(int rows, int length) {
        Tensor t = Tensor.allocate(DType.FLOAT32, rows, length);
        for (long row = 0; row < rows; row++) {
            for (long i = 0; i < length; i++) {
                t.setDouble(row * length + i, (i + 1) * (row * length + 1 + i / 2.0));
            }
        }
        return t;
    }
}
