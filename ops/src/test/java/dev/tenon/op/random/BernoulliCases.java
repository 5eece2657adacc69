package dev.tenon.op.random;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Bernoulli}. */
public final class BernoulliCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("certain", new Bernoulli(null, null), f32(dims(4), 0, 1, Float.NaN, 1))
                        .expect(f32(dims(4), 0, 1, 0, 1)),
                OpCase.of("bool", new Bernoulli(DType.BOOL, 3f), f32(dims(2), 0, 1))
                        .expect(Tensor.of(new boolean[] {false, true}, 2)),
                OpCase.of(
                        "bytes",
                        new Bernoulli(DType.UINT8, 3f),
                        reals(DType.FLOAT16, dims(2, 2), 0.25, 0.5, 0.75, 0.5)),
                OpCase.of("empty", new Bernoulli(null, 3f), f32(dims(0))).expect(f32(dims(0))));
    }
}
