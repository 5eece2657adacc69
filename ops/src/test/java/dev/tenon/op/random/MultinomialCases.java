package dev.tenon.op.random;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.linear;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Multinomial}. */
public final class MultinomialCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "certain",
                                new Multinomial(3, DType.INT32, null),
                                f32(dims(2, 3), "-Infinity 5 -Infinity 0 -Infinity -Infinity"))
                        .expect(ints(DType.INT32, dims(2, 3), 1, 1, 1, 0, 0, 0)),
                OpCase.of("int64", new Multinomial(5, DType.INT64, 7f), linear(0, 0.5, 2, 4)),
                OpCase.of("no row", new Multinomial(2, DType.INT64, 7f), linear(0, 0.5, 0, 4))
                        .expect(i64(dims(0, 2))),
                OpCase.of(
                                "nothing possible",
                                new Multinomial(1, DType.INT32, null),
                                f32(dims(1, 2), Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY))
                        .fails("no class"),
                OpCase.of("no class", new Multinomial(1, DType.INT32, null), linear(0, 1, 1, 0))
                        .fails("no class"),
                OpCase.of("rank 1", new Multinomial(1, DType.INT32, null), linear(0, 1, 3))
                        .fails("rank 2"));
    }
}
