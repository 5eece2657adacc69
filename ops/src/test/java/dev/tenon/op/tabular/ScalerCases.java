package dev.tenon.op.tabular;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Scaler}. */
public final class ScalerCases implements OpCases {
    private static Scaler op(List<Float> offset, List<Float> scale) {
        return new Scaler(offset, scale);
    }

    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("by column", op(List.of(1f, -1f), List.of(2f, 0.5f)), f32(dims(2, 2), 1, 2, 3, 4))
                        .expect(f32(dims(2, 2), 0, 1.5f, 4, 2.5f)),
                OpCase.of("one for all", op(List.of(1f), List.of(3f)), i64(dims(3), 1, 2, 3))
                        .expect(f32(dims(3), 0, 3, 6)),
                // 0.1f is 0.100000001490116; 0.1f - 1f rounds to -0.899999976158142, and 3 times that to
                // -2.69999980926514.
                OpCase.of("float32 rounds twice", op(List.of(1f), List.of(3f)), f32(dims(1), 0.1f))
                        .expect(f32(dims(1), -2.69999980926514f)),
                OpCase.of("doubles", op(List.of(0.5f), List.of(2f)), reals(DType.FLOAT64, dims(1, 1), 0.75))
                        .expect(f32(dims(1, 1), 0.5f)),
                OpCase.of("int32", op(List.of(1f, 2f), List.of(1f, 2f)), ints(DType.INT32, dims(1, 2), 5, 6))
                        .expect(f32(dims(1, 2), 4, 8)),
                OpCase.of("other columns", op(List.of(1f, 2f), List.of(1f, 2f)), f32(dims(1, 3), 1, 2, 3))
                        .fails("2 columns"));
    }
}
