package dev.tenon.op.attention;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.linear;

import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link TensorScatter}. */
public final class TensorScatterCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "from the start",
                                new TensorScatter(-2, false),
                                linear(0, 1, 2, 1, 4, 2),
                                linear(100, 1, 2, 1, 2, 2))
                        .expect(f32(dims(2, 1, 4, 2), "100 101 102 103 4 5 6 7 104 105 106 107 12 13 14 15")),
                OpCase.of(
                                "from indices",
                                new TensorScatter(-2, false),
                                linear(0, 1, 2, 1, 4, 2),
                                linear(100, 1, 2, 1, 2, 2),
                                i64(dims(2), 1, 2))
                        .expect(f32(dims(2, 1, 4, 2), "0 1 100 101 102 103 6 7 8 9 10 11 104 105 106 107")),
                OpCase.of(
                                "circular",
                                new TensorScatter(2, true),
                                linear(0, 1, 2, 1, 4, 2),
                                linear(100, 1, 2, 1, 2, 2),
                                i64(dims(2), 3, -1))
                        .expect(f32(dims(2, 1, 4, 2), "102 103 2 3 4 5 100 101 106 107 10 11 12 13 104 105")),
                OpCase.of("last axis", new TensorScatter(-1, false), linear(0, 1, 2, 4), linear(100, 1, 2, 3))
                        .expect(f32(dims(2, 4), 100, 101, 102, 3, 103, 104, 105, 7)),
                OpCase.of(
                                "strings",
                                new TensorScatter(1, false),
                                Tensor.of(new String[] {"a", "b", "c"}, dims(1, 3)),
                                Tensor.of(new String[] {"x"}, dims(1, 1)),
                                i64(dims(1), 2))
                        .expect(Tensor.of(new String[] {"a", "b", "x"}, dims(1, 3))),
                OpCase.of("empty update", new TensorScatter(1, false), linear(0, 1, 2, 4), linear(0, 1, 2, 0))
                        .expect(f32(dims(2, 4), 0, 1, 2, 3, 4, 5, 6, 7)),
                OpCase.of(
                                "after the end",
                                new TensorScatter(-2, false),
                                linear(0, 1, 2, 1, 4, 2),
                                linear(100, 1, 2, 1, 2, 2),
                                i64(dims(2), 1, 3))
                        .fails("write_indices[1] is 3"),
                OpCase.of(
                                "axis of the batch",
                                new TensorScatter(0, false),
                                linear(0, 1, 2, 1, 4, 2),
                                linear(100, 1, 2, 1, 2, 2))
                        .fails("that of the batch"),
                OpCase.of("longer than the cache", new TensorScatter(1, false), linear(0, 1, 2, 4), linear(0, 1, 2, 5))
                        .fails("at most 4"));
    }
}
