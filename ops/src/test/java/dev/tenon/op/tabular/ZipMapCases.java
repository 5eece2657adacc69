package dev.tenon.op.tabular;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.MapDatum;
import dev.tenon.tensor.MapType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link ZipMap}. */
public final class ZipMapCases implements OpCases {
    private static MapType map(DType key) {
        return new MapType(key, new TensorType(DType.FLOAT32, Shape.scalar()));
    }

    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("strings", new ZipMap(List.of(), List.of("a", "b")), f32(dims(2, 2), 1, 2, 3, 4))
                        .expect(TensorSequence.of(
                                map(DType.STRING),
                                List.of(
                                        MapDatum.of(Tensor.of(new String[] {"a", "b"}), f32(dims(2), 1, 2)),
                                        MapDatum.of(Tensor.of(new String[] {"a", "b"}), f32(dims(2), 3, 4))))),
                OpCase.of("integers, a vector is a row", new ZipMap(List.of(5L, -6L), List.of()), f32(dims(2), 1, 2))
                        .expect(TensorSequence.of(
                                map(DType.INT64), List.of(MapDatum.of(i64(dims(2), 5, -6), f32(dims(2), 1, 2))))),
                OpCase.of("no rows", new ZipMap(List.of(5L), List.of()), f32(dims(0, 1)))
                        .expect(TensorSequence.empty(map(DType.INT64))),
                OpCase.of("other columns", new ZipMap(List.of(5L), List.of()), f32(dims(1, 2), 1, 2))
                        .fails("1 features"));
    }
}
