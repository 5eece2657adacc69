package dev.tenon.op.tabular;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link FeatureVectorizer}. */
public final class FeatureVectorizerCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "as many columns as there are",
                                new FeatureVectorizer(List.of(2L, 1L)),
                                f32(dims(2, 2), 1, 2, 3, 4),
                                f32(dims(2, 1), 5, 6))
                        .expect(f32(dims(2, 3), 1, 2, 5, 3, 4, 6)),
                OpCase.of(
                                "fewer and more",
                                new FeatureVectorizer(List.of(1L, 3L)),
                                i64(dims(2, 2), 1, 2, 3, 4),
                                i64(dims(2, 2), 5, 6, 7, 8))
                        .expect(f32(dims(2, 4), 1, 5, 6, 0, 3, 7, 8, 0)),
                OpCase.of(
                                "vectors are rows",
                                new FeatureVectorizer(List.of(2L, 2L)),
                                ints(DType.INT32, dims(2), 1, 2),
                                ints(DType.INT32, dims(2), 3, 4))
                        .expect(f32(dims(1, 4), 1, 2, 3, 4)),
                OpCase.of(
                                "without dimensions, a higher rank",
                                new FeatureVectorizer(List.of()),
                                reals(DType.FLOAT64, dims(2, 1, 2), 1, 2, 3, 4),
                                reals(DType.FLOAT64, dims(2, 1), 5, 6))
                        .expect(f32(dims(2, 3), 1, 2, 5, 3, 4, 6)),
                OpCase.of("other rows", new FeatureVectorizer(List.of()), f32(dims(1, 1), 1), f32(dims(2, 1), 1, 2))
                        .fails("1 rows"),
                OpCase.of(
                                "other number of inputs",
                                new FeatureVectorizer(List.of(1L)),
                                f32(dims(1), 1),
                                f32(dims(1), 1))
                        .fails("inputdimensions"));
    }
}
