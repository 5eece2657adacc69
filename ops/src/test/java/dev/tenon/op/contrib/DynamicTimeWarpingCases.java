package dev.tenon.op.contrib;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link DynamicTimeWarping}. */
public final class DynamicTimeWarpingCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("along the diagonal", new DynamicTimeWarping(), f32(dims(3, 3), 0, 5, 5, 5, 0, 5, 5, 5, 0))
                        .expect(ints(DType.INT32, dims(2, 3), 0, 1, 2, 0, 1, 2)),
                OpCase.of(
                                "ties of the other two go right at any cost",
                                new DynamicTimeWarping(),
                                f32(dims(1, 3, 3), 0, 0, 0, 9, 9, 0, 9, 9, 0))
                        .expect(ints(DType.INT32, dims(2, 4), 0, 1, 2, 2, 0, 0, 1, 2)),
                OpCase.of("gains", new DynamicTimeWarping(), f32(dims(2, 3), 1, -2, 4, 3, -1, 2))
                        .expect(ints(DType.INT32, dims(2, 4), 0, 0, 1, 1, 0, 1, 1, 2)),
                OpCase.of("ties go right", new DynamicTimeWarping(), f32(dims(2, 2), 0, 0, 0, 0))
                        .expect(ints(DType.INT32, dims(2, 3), 0, 1, 1, 0, 0, 1)),
                OpCase.of("one row", new DynamicTimeWarping(), f32(dims(1, 3), 1, 2, 3))
                        .expect(ints(DType.INT32, dims(2, 3), 0, 0, 0, 0, 1, 2)),
                OpCase.of("one column", new DynamicTimeWarping(), f32(dims(3, 1), 1, 2, 3))
                        .expect(ints(DType.INT32, dims(2, 3), 0, 1, 2, 0, 0, 0)),
                OpCase.of("nothing", new DynamicTimeWarping(), f32(dims(0, 3))).fails("not empty"),
                OpCase.of("two matrices", new DynamicTimeWarping(), f32(dims(2, 1, 1), 1, 2))
                        .fails("[1, rows, columns]"));
    }
}
