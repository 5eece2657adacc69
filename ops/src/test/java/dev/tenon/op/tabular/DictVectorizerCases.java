package dev.tenon.op.tabular;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.MapDatum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link DictVectorizer}. */
public final class DictVectorizerCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "the standard's example",
                                new DictVectorizer(List.of(), List.of("a", "c", "b", "z")),
                                MapDatum.of(Tensor.of(new String[] {"a", "c"}), i64(dims(2), 4, 8)))
                        .expect(i64(dims(1, 4), 4, 8, 0, 0)),
                OpCase.of(
                                "integers to strings, a key twice, a key that is not there",
                                new DictVectorizer(List.of(3L, 1L, 3L), List.of()),
                                MapDatum.of(i64(dims(2), 3, 8), Tensor.of(new String[] {"x", "y"})))
                        .expect(Tensor.of(new String[] {"x", "", "x"}, 1, 3)),
                OpCase.of(
                                "doubles of one element each",
                                new DictVectorizer(List.of(1L), List.of()),
                                MapDatum.of(i64(dims(1), 1), reals(DType.FLOAT64, dims(1, 1), 2.5)))
                        .expect(reals(DType.FLOAT64, dims(1, 1), 2.5)),
                OpCase.of(
                                "no entries",
                                new DictVectorizer(List.of(), List.of("a")),
                                MapDatum.of(Tensor.of(new String[0]), f32(dims(0))))
                        .expect(f32(dims(1, 1), 0)),
                OpCase.of(
                                "keys of another type",
                                new DictVectorizer(List.of(1L), List.of()),
                                MapDatum.of(Tensor.of(new String[] {"a"}), f32(dims(1), 1)))
                        .fails("a map from i64"),
                OpCase.of(
                                "values of several elements",
                                new DictVectorizer(List.of(1L), List.of()),
                                MapDatum.of(i64(dims(1), 1), f32(dims(1, 2), 1, 2)))
                        .fails("one element"));
    }
}
