package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.bools;
import static dev.tenon.op.shape.Values.f32;
import static dev.tenon.op.shape.Values.i64;
import static dev.tenon.op.shape.Values.i64s;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link OneHot}. */
public final class OneHotCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("last axis", new OneHot(-1), i64(0, 2), Tensor.scalar(3L), f32(0, 1))
                        .expect(f32(new long[] {2, 3}, 1, 0, 0, 0, 0, 1)),
                OpCase.of("first axis", new OneHot(0), i64(0, 2), Tensor.scalar(3L), i64(5, 7))
                        .expect(i64s(new long[] {3, 2}, 7, 5, 5, 5, 5, 7)),
                OpCase.of("middle axis", new OneHot(1), i64s(new long[] {1, 2}, 1, 0), i64(2), i64(0, 1))
                        .expect(i64s(new long[] {1, 2, 2}, 0, 1, 1, 0)),
                OpCase.of("negative and outside", new OneHot(-1), i64(-1, 3, -4), Tensor.scalar(3L), i64(0, 1))
                        .expect(i64s(new long[] {3, 3}, 0, 0, 1, 0, 0, 0, 0, 0, 0)),
                OpCase.of("floats", new OneHot(-1), f32(1.9f), Tensor.scalar(2.5f), i64(0, 1))
                        .expect(i64s(new long[] {1, 2}, 0, 1)),
                OpCase.of(
                                "unsigned",
                                new OneHot(-1),
                                Tensor.convert(DType.UINT64, new long[] {-1, 1}),
                                Tensor.scalar(2L),
                                i64(0, 1))
                        .expect(i64s(new long[] {2, 2}, 0, 0, 0, 1)),
                OpCase.of("scalar index", new OneHot(-1), Tensor.scalar(1L), Tensor.scalar(2L), bools(false, true))
                        .expect(bools(false, true)),
                OpCase.of("no depth", new OneHot(-1), i64(0), Tensor.scalar(0L), f32(0, 1))
                        .fails("depth 0; allowed 1 and above"),
                OpCase.of("three values", new OneHot(-1), i64(0), Tensor.scalar(2L), f32(0, 1, 2))
                        .fails("allowed [2]"),
                OpCase.of("axis outside", new OneHot(2), i64(0), Tensor.scalar(2L), f32(0, 1))
                        .fails("[-2, 1]"));
    }
}
