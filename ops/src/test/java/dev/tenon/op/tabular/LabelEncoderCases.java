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

/** Cases of {@link LabelEncoder}. */
public final class LabelEncoderCases implements OpCases {
    private static Attributes none() {
        return Attributes.none();
    }

    private static Attributes strings(String... keys) {
        return none().with("keys_strings", List.of(keys));
    }

    private static Attributes integers(long... values) {
        return none().with("values_int64s", values);
    }

    private static LabelEncoder op(Attributes keys, Attributes values) {
        return LabelEncoder.of(keys.withAll(values.asMap()));
    }

    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "strings to integers",
                                op(strings("a", "b", "c"), integers(0, 1, 2).with("default_int64", 42L)),
                                Tensor.of(new String[] {"a", "b", "d", "c", "g"}))
                        .expect(i64(dims(5), 0, 1, 42, 2, 42)),
                OpCase.of("no default integer", op(strings("a"), integers(7)), Tensor.of(new String[] {"a", "x"}, 2, 1))
                        .expect(i64(dims(2, 1), 7, -1)),
                OpCase.of(
                                "integers to strings, no default",
                                op(
                                        none().with("keys_int64s", List.of(5L, 6L)),
                                        none().with("values_strings", List.of("x", "y"))),
                                i64(dims(3), 6, 7, 5))
                        .expect(Tensor.of(new String[] {"y", "_Unused", "x"})),
                OpCase.of(
                                "NaN and zeros as keys",
                                op(
                                        none().with("keys_floats", new float[] {Float.NaN, 0, 2}),
                                        none().with("values_floats", new float[] {1, 2, 3})),
                                f32(dims(4), -0f, Float.intBitsToFloat(0x7FC00001), 2, 5))
                        .expect(f32(dims(4), 2, 1, 3, -0f)),
                OpCase.of("the last of equal keys", op(strings("a", "a"), integers(1, 2)), Tensor.of(new String[] {"a"
                        }))
                        .expect(i64(dims(1), 2)),
                OpCase.of(
                                "tensors of int16",
                                op(
                                        none().with("keys_tensor", Tensor.of(new String[] {"a", "b"})),
                                        none().with("values_tensor", ints(DType.INT16, dims(2), 3, 4))
                                                .with("default_tensor", ints(DType.INT16, dims(1), 9))),
                                Tensor.of(new String[] {"b", "z"}))
                        .expect(ints(DType.INT16, dims(2), 4, 9)),
                OpCase.of(
                                "tensors of int32 and double",
                                op(
                                        none().with("keys_tensor", ints(DType.INT32, dims(2), 3, -4)),
                                        none().with("values_tensor", reals(DType.FLOAT64, dims(2), 0.1, 0.2))),
                                ints(DType.INT32, dims(2), -4, 1))
                        .expect(reals(DType.FLOAT64, dims(2), 0.2, -0.0)),
                OpCase.of("another type", op(strings("a"), integers(1)), i64(dims(1), 1))
                        .fails("string, as the keys"));
    }
}
