package dev.tenon.op.tabular;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.MapDatum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link CastMap}. */
public final class CastMapCases implements OpCases {
    private static MapDatum numbers(double... keysAndValues) {
        Tensor keys = Tensor.allocate(DType.INT64, keysAndValues.length / 2);
        Tensor values = Tensor.allocate(DType.FLOAT32, keysAndValues.length / 2);
        for (int i = 0; i < keysAndValues.length; i += 2) {
            keys.setDouble(i / 2, keysAndValues[i]);
            values.setDouble(i / 2, keysAndValues[i + 1]);
        }
        return MapDatum.of(keys, values);
    }

    private static MapDatum texts(String... values) {
        Tensor keys = Tensor.allocate(DType.INT64, values.length);
        for (int i = 0; i < values.length; i++) {
            keys.setLong(i, i);
        }
        return MapDatum.of(keys, Tensor.of(values));
    }

    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("dense, by key", new CastMap(DType.FLOAT32, false, 1), numbers(3, 1.5f, -1, 2, 0, -4))
                        .expect(f32(dims(1, 3), 2, -4, 1.5f)),
                OpCase.of("sparse", new CastMap(DType.FLOAT32, true, 4), numbers(3, 1.5f, 1, 2))
                        .expect(f32(dims(1, 4), 0, 2, 0, 1.5f)),
                OpCase.of("truncated", new CastMap(DType.INT64, false, 1), numbers(0, 1.9f, 1, -1.9f))
                        .expect(i64(dims(1, 2), 1, -1)),
                OpCase.of(
                                "as text",
                                new CastMap(DType.STRING, true, 4),
                                numbers(0, 1.5f, 1, -0.0000005f, 3, Float.POSITIVE_INFINITY))
                        .expect(Tensor.of(new String[] {"1.500000", "-0.000000", "0.f", "inf"}, 1, 4)),
                OpCase.of("texts stay", new CastMap(DType.STRING, false, 1), texts("b", "a"))
                        .expect(Tensor.of(new String[] {"b", "a"}, 1, 2)),
                OpCase.of("texts to numbers", new CastMap(DType.FLOAT32, false, 1), texts("-1.5", "1e3"))
                        .expect(f32(dims(1, 2), -1.5f, 1000)),
                OpCase.of("texts to integers", new CastMap(DType.INT64, true, 3), texts("-15", "9007199254740993"))
                        .expect(i64(dims(1, 3), -15, 9007199254740993L, 0)),
                OpCase.of("text that is no number", new CastMap(DType.INT64, false, 1), texts("x"))
                        .fails("x"),
                OpCase.of("no entries", new CastMap(DType.FLOAT32, false, 1), numbers())
                        .expect(f32(dims(1, 0))),
                OpCase.of("key beyond the last column", new CastMap(DType.FLOAT32, true, 2), numbers(2, 1))
                        .fails("[0, 1]"),
                OpCase.of("key below 0", new CastMap(DType.FLOAT32, true, 2), numbers(-1, 1))
                        .fails("[0, 1]"),
                OpCase.of(
                                "keys that are strings",
                                new CastMap(DType.FLOAT32, false, 1),
                                MapDatum.of(Tensor.of(new String[] {"a"}), f32(dims(1), 1)))
                        .fails("a map from i64"),
                OpCase.of("no map", new CastMap(DType.FLOAT32, false, 1), f32(dims(1), 1))
                        .fails("a map"));
    }
}
