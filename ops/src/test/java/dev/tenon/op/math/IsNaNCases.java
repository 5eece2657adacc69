package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link IsNaN}. */
public final class IsNaNCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new IsNaN(),
                OpCase.of("special values", new IsNaN(), f32(dims(7), "0 -1 Infinity -Infinity NaN 3e+38 1e-40"))
                        .expect(Tensor.of(new boolean[] {false, false, false, false, true, false, false})),
                OpCase.of("float8 has one NaN", new IsNaN(), reals(DType.FLOAT8E4M3FNUZ, dims(2), Double.NaN, 1))
                        .expect(Tensor.of(new boolean[] {true, false})));
    }
}
