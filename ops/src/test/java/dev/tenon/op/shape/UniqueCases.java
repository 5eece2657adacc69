package dev.tenon.op.shape;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Unique}. */
public final class UniqueCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("sorted", new Unique(null, true), f32(dims(6), 2, 1, 1, 3, 4, 3))
                        .expect(
                                f32(dims(4), 1, 2, 3, 4),
                                i64(dims(4), 1, 0, 3, 4),
                                i64(dims(6), 1, 0, 0, 2, 3, 2),
                                i64(dims(4), 2, 1, 2, 1)),
                OpCase.of("order of occurrence", new Unique(null, false), f32(dims(6), 2, 1, 1, 3, 4, 3))
                        .expect(
                                f32(dims(4), 2, 1, 3, 4),
                                i64(dims(4), 0, 1, 3, 4),
                                i64(dims(6), 0, 1, 1, 2, 3, 2),
                                i64(dims(4), 1, 2, 2, 1)),
                OpCase.of("matrix", new Unique(null, true), i64(dims(2, 2), 1, 3, 2, 3))
                        .expect(
                                i64(dims(3), 1, 2, 3),
                                i64(dims(3), 0, 2, 1),
                                i64(dims(4), 0, 2, 1, 2),
                                i64(dims(3), 1, 1, 2)),
                OpCase.of("rows", new Unique(0, true), f32(dims(3, 3), 1, 0, 0, 1, 0, 0, 2, 3, 4))
                        .expect(
                                f32(dims(2, 3), 1, 0, 0, 2, 3, 4),
                                i64(dims(2), 0, 2),
                                i64(dims(3), 0, 0, 1),
                                i64(dims(2), 2, 1)),
                OpCase.of(
                                "middle axis",
                                new Unique(1, true),
                                f32(dims(2, 4, 2), 1, 1, 0, 1, 2, 1, 0, 1, 1, 1, 0, 1, 2, 1, 0, 1))
                        .expect(
                                f32(dims(2, 3, 2), 0, 1, 1, 1, 2, 1, 0, 1, 1, 1, 2, 1),
                                i64(dims(3), 1, 0, 2),
                                i64(dims(4), 1, 0, 2, 0),
                                i64(dims(3), 2, 1, 1)),
                OpCase.of("last axis, order of occurrence", new Unique(-1, false), i64(dims(2, 3), 3, 1, 3, 2, 1, 2))
                        .expect(
                                i64(dims(2, 2), 3, 1, 2, 1),
                                i64(dims(2), 0, 1),
                                i64(dims(3), 0, 1, 0),
                                i64(dims(2), 2, 1)),
                OpCase.of("strings", new Unique(null, true), Tensor.of(new String[] {"b", "a", "b", "ab"}, dims(4)))
                        .expect(
                                Tensor.of(new String[] {"a", "ab", "b"}, dims(3)),
                                i64(dims(3), 1, 3, 0),
                                i64(dims(4), 2, 0, 2, 1),
                                i64(dims(3), 1, 1, 2)),
                OpCase.of("NaN and zeros", new Unique(null, true), f32(dims(5), Float.NaN, 0, -0f, Float.NaN, -1))
                        .expect(
                                f32(dims(3), -1, 0, Float.NaN),
                                i64(dims(3), 4, 1, 0),
                                i64(dims(5), 2, 1, 1, 2, 0),
                                i64(dims(3), 1, 2, 2)),
                OpCase.of("unsigned", new Unique(null, true), ints(DType.UINT64, dims(3), -1, 1, -1))
                        .expect(ints(DType.UINT64, dims(2), 1, -1)),
                OpCase.of("bool", new Unique(null, true), Tensor.of(new boolean[] {true, false, true}, 3))
                        .expect(Tensor.of(new boolean[] {false, true}, 2), i64(dims(2), 1, 0)),
                OpCase.of("empty", new Unique(null, true), f32(dims(0)))
                        .expect(f32(dims(0)), i64(dims(0)), i64(dims(0)), i64(dims(0))),
                OpCase.of("scalar", new Unique(null, true), f32(dims(), 5)).expect(f32(dims(1), 5)),
                OpCase.of("axis outside", new Unique(1, true), f32(dims(6), 2, 1, 1, 3, 4, 3))
                        .fails("[-1, 0]"));
    }
}
