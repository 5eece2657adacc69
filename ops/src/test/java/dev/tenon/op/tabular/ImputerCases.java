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

/** Cases of {@link Imputer}. */
public final class ImputerCases implements OpCases {
    private static Imputer floats(float replaced, float... values) {
        return Imputer.of(
                Attributes.none().with("imputed_value_floats", values).with("replaced_value_float", replaced));
    }

    private static Imputer integers(long replaced, long... values) {
        return Imputer.of(
                Attributes.none().with("imputed_value_int64s", values).with("replaced_value_int64", replaced));
    }

    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("NaN by column", floats(Float.NaN, 10, 20), f32(dims(2, 2), Float.NaN, 1, 2, Float.NaN))
                        .expect(f32(dims(2, 2), 10, 1, 2, 20)),
                OpCase.of("one value for all", floats(-1, 5), f32(dims(2, 2), -1, 1, 0, -1))
                        .expect(f32(dims(2, 2), 5, 1, 0, 5)),
                OpCase.of("zeros of either sign", floats(0, 5), f32(dims(3), -0f, 0, Float.NaN))
                        .expect(f32(dims(3), 5, 5, Float.NaN)),
                OpCase.of("doubles", floats(Float.NaN, 5), reals(DType.FLOAT64, dims(1, 2), Double.NaN, 0.1))
                        .expect(reals(DType.FLOAT64, dims(1, 2), 5, 0.1)),
                OpCase.of("integers", integers(0, 7, 8), i64(dims(2, 2), 0, Long.MAX_VALUE, 1, 0))
                        .expect(i64(dims(2, 2), 7, Long.MAX_VALUE, 1, 8)),
                OpCase.of("int32", integers(-1, 9), ints(DType.INT32, dims(1, 3), -1, 0, 1))
                        .expect(ints(DType.INT32, dims(1, 3), 9, 0, 1)),
                OpCase.of("columns of rank 3", floats(0, 1, 2), f32(dims(2, 1, 2), 0, 0, 3, 0))
                        .expect(f32(dims(2, 1, 2), 1, 2, 3, 2)),
                OpCase.of("other columns", floats(0, 1, 2), f32(dims(1, 3), 0, 0, 0))
                        .fails("2 columns"),
                OpCase.of("integers for floats", integers(0, 1), f32(dims(1), 0))
                        .fails("integers"));
    }
}
