package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.f32;
import static dev.tenon.op.shape.Values.ramp;
import static dev.tenon.op.shape.Values.text;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.OptionalDatum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Identity}. */
public final class IdentityCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("matrix", new Identity(), ramp(DType.FLOAT32, 2, 3))
                        .expect(f32(new long[] {2, 3}, 1, 2, 3, 4, 5, 6)),
                OpCase.of("special values", new Identity(), f32(Float.NaN, Float.NEGATIVE_INFINITY, -0f))
                        .expect(f32(Float.NaN, Float.NEGATIVE_INFINITY, -0f)),
                OpCase.of("scalar", new Identity(), Tensor.scalar(7L)).expect(Tensor.scalar(7L)),
                OpCase.of("empty", new Identity(), ramp(DType.INT8, 0, 4)).expect(ramp(DType.INT8, 0, 4)),
                OpCase.of("strings", new Identity(), text("a", "")).expect(text("a", "")),
                OpCase.of("packed", new Identity(), ramp(DType.UINT4, 7)).expect(ramp(DType.UINT4, 7)),
                OpCase.of("sequence", new Identity(), TensorSequence.of(f32(1), f32(2, 3))),
                OpCase.of("optional", new Identity(), OptionalDatum.of(f32(1))),
                OpCase.of("complex", new Identity(), ramp(DType.COMPLEX128, 3, 2))
                        .expect(ramp(DType.COMPLEX128, 3, 2)));
    }
}
