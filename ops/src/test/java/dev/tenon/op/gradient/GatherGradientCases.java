package dev.tenon.op.gradient;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link GatherGradient}. */
public final class GatherGradientCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "rows, one twice, one from the end",
                                new GatherGradient(0, 4),
                                i64(dims(4), 1, 3, 1, -4),
                                f32(dims(4, 2), 1, 2, 3, 4, 5, 6, 7, 8))
                        .expect(f32(dims(4, 2), 7, 8, 6, 8, 0, 0, 3, 4)),
                OpCase.of(
                                "columns by a matrix of indices",
                                new GatherGradient(1, 3),
                                i64(dims(2, 2), 0, 2, 2, 2),
                                f32(dims(2, 2, 2), 1, 2, 3, 4, 5, 6, 7, 8))
                        .expect(f32(dims(2, 3), 1, 0, 9, 5, 0, 21)),
                OpCase.of("one index", new GatherGradient(0, 3), Tensor.scalar(2L), f32(dims(2), 1, 2))
                        .expect(f32(dims(3, 2), 0, 0, 0, 0, 1, 2)),
                OpCase.of(
                                "indices of 32 bits",
                                new GatherGradient(0, 2),
                                Tensor.of(new int[] {1, -1}),
                                f32(dims(2), 1, 2))
                        .expect(f32(dims(2), 0, 3)),
                OpCase.of("no indices", new GatherGradient(0, 2), i64(dims(0)), f32(dims(0, 2)))
                        .expect(f32(dims(2, 2), 0, 0, 0, 0)),
                OpCase.of(
                        "random, in the middle",
                        new GatherGradient(1, 5),
                        i64(dims(7), 4, 0, 4, 4, 2, 0, 1),
                        random(DType.FLOAT32, 1, 3, 7, 33)),
                OpCase.of(
                        "random doubles",
                        new GatherGradient(0, 5),
                        i64(dims(3), 4, 0, 4),
                        random(DType.FLOAT64, 1, 3, 4)),
                OpCase.of("an index outside", new GatherGradient(0, 2), i64(dims(1), 2), f32(dims(1), 1))
                        .fails("2"),
                OpCase.of("too few dimensions", new GatherGradient(1, 2), i64(dims(1), 0), f32(dims(1), 1))
                        .fails("rank"),
                OpCase.of("other dimensions", new GatherGradient(0, 2), i64(dims(2), 0, 1), f32(dims(3), 1, 2, 3))
                        .fails("dimensions of the indices"));
    }
}
