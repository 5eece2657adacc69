package dev.tenon.op.tabular;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link OneHotEncoder}. */
public final class OneHotEncoderCases implements OpCases {
    private static OneHotEncoder integers(boolean zeros, long... categories) {
        return OneHotEncoder.of(
                Attributes.none().with("cats_int64s", categories).with("zeros", zeros));
    }

    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("integers", integers(true, 0, 1, 5), i64(dims(2, 2), 1, 0, 5, 2))
                        .expect(f32(dims(2, 2, 3), 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0)),
                OpCase.of("strings", new OneHotEncoder(List.of(), List.of("a", "b"), true), Tensor.of(new String[] {
                            "b", "c", "a"
                        }))
                        .expect(f32(dims(3, 2), 0, 1, 0, 0, 1, 0)),
                OpCase.of("floats are truncated", integers(true, 0, 1), f32(dims(5), 1.9f, -0.5f, Float.NaN, 2, 1e30f))
                        .expect(f32(dims(5, 2), 0, 1, 1, 0, 0, 0, 0, 0, 0, 0)),
                OpCase.of("doubles", integers(true, -1), reals(DType.FLOAT64, dims(1, 2), -1.5, -2))
                        .expect(f32(dims(1, 2, 1), 1, 0)),
                OpCase.of("int32", integers(true, 3), ints(DType.INT32, dims(2), 3, 4))
                        .expect(f32(dims(2, 1), 1, 0)),
                OpCase.of("the last of equal categories", integers(true, 3, 3), i64(dims(1), 3))
                        .expect(f32(dims(1, 2), 0, 1)),
                OpCase.of("no category, no zeros", integers(false, 3), i64(dims(2), 3, 4))
                        .fails("element 1 is 4"),
                OpCase.of("all categories, no zeros", integers(false, 3), i64(dims(1), 3))
                        .expect(f32(dims(1, 1), 1)),
                OpCase.of("strings for integers", integers(true, 3), Tensor.of(new String[] {"a"}))
                        .fails("numbers"));
    }
}
