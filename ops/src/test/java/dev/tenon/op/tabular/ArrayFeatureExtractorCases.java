package dev.tenon.op.tabular;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link ArrayFeatureExtractor}. */
public final class ArrayFeatureExtractorCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "columns of a matrix",
                                new ArrayFeatureExtractor(),
                                f32(dims(3, 4), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
                                i64(dims(2), 0, 1))
                        .expect(f32(dims(3, 2), 0, 1, 4, 5, 8, 9)),
                OpCase.of(
                                "a column twice, positions of rank 2",
                                new ArrayFeatureExtractor(),
                                ints(DType.INT32, dims(2, 2), 1, 2, 3, 4),
                                i64(dims(1, 3), 1, 0, 1))
                        .expect(ints(DType.INT32, dims(2, 3), 2, 1, 2, 4, 3, 4)),
                OpCase.of(
                                "a vector is a row",
                                new ArrayFeatureExtractor(),
                                Tensor.of(new String[] {"a", "b", "c"}),
                                i64(dims(2), 2, 0))
                        .expect(Tensor.of(new String[] {"c", "a"}, 1, 2)),
                OpCase.of(
                                "rank 3",
                                new ArrayFeatureExtractor(),
                                reals(DType.FLOAT64, dims(2, 1, 2), 1, 2, 3, 4),
                                i64(dims(1), 1))
                        .expect(reals(DType.FLOAT64, dims(2, 1, 1), 2, 4)),
                OpCase.of("no positions", new ArrayFeatureExtractor(), f32(dims(2, 2), 1, 2, 3, 4), i64(dims(0)))
                        .expect(f32(dims(2, 0))),
                OpCase.of("after the last column", new ArrayFeatureExtractor(), f32(dims(1, 2), 1, 2), i64(dims(1), 2))
                        .fails("[0, 1]"),
                OpCase.of("below 0", new ArrayFeatureExtractor(), f32(dims(1, 2), 1, 2), i64(dims(1), -1))
                        .fails("[0, 1]"),
                OpCase.of("a scalar", new ArrayFeatureExtractor(), Tensor.scalar(1f), i64(dims(1), 0))
                        .fails("rank 1"));
    }
}
