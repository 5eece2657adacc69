package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.bools;
import static dev.tenon.op.shape.Values.f32;
import static dev.tenon.op.shape.Values.i64s;
import static dev.tenon.op.shape.Values.ramp;
import static dev.tenon.op.shape.Values.text;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link NonZero}. */
public final class NonZeroCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("matrix", new NonZero(), i64s(new long[] {2, 2}, 1, 0, 1, 1))
                        .expect(i64s(new long[] {2, 3}, 0, 1, 1, 0, 0, 1)),
                OpCase.of("special values", new NonZero(), f32(Float.NaN, -0f, 0f, Float.MIN_VALUE))
                        .expect(i64s(new long[] {1, 2}, 0, 3)),
                OpCase.of("none", new NonZero(), bools(false, false)).expect(i64s(new long[] {1, 0})),
                OpCase.of("scalar", new NonZero(), Tensor.scalar(3f)).expect(i64s(new long[] {0, 1})),
                OpCase.of("strings", new NonZero(), text("", "a")).expect(i64s(new long[] {1, 1}, 1)),
                OpCase.of("complex", new NonZero(), ramp(DType.COMPLEX64, 2)).expect(i64s(new long[] {1, 2}, 0, 1)),
                OpCase.of("empty", new NonZero(), ramp(DType.FLOAT32, 0, 2)).expect(i64s(new long[] {2, 0})));
    }
}
