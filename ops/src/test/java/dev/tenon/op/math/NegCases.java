package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Neg}. */
public final class NegCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Neg(),
                OpCase.of("known values", new Neg(), f32(dims(11), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN"))
                        .expect(f32(dims(11), "3 1 0.5 0 -0.25 -1 -2.5 -20 -Infinity Infinity NaN")),
                OpCase.of("least integer", new Neg(), ints(DType.INT32, dims(3), Integer.MIN_VALUE, 127, 0))
                        .expect(ints(DType.INT32, dims(3), Integer.MIN_VALUE, -127, 0)));
    }
}
