package dev.tenon.op.tabular;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Binarizer}. */
public final class BinarizerCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "greater alone counts",
                                new Binarizer(1),
                                f32(dims(2, 3), 0.5f, 1, 1.5f, Float.NaN, Float.POSITIVE_INFINITY, -2))
                        .expect(f32(dims(2, 3), 0, 0, 1, 0, 1, 0)),
                OpCase.of("default", Binarizer.of(Attributes.none()), i64(dims(3), -1, 0, 1))
                        .expect(i64(dims(3), 0, 0, 1)),
                OpCase.of("between integers", new Binarizer(1.5f), ints(DType.INT32, dims(2), 1, 2))
                        .expect(ints(DType.INT32, dims(2), 0, 1)),
                OpCase.of("doubles", new Binarizer(0.1f), reals(DType.FLOAT64, dims(2), 0.1, 0.1000001))
                        .expect(reals(DType.FLOAT64, dims(2), 0, 1)));
    }
}
