package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Abs}. */
public final class AbsCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Abs(),
                OpCase.of("known values", new Abs(), f32(dims(11), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN"))
                        .expect(f32(dims(11), "3 1 0.5 0 0.25 1 2.5 20 Infinity Infinity NaN")),
                OpCase.of("least integer", new Abs(), ints(DType.INT8, dims(3), -128, 127, -1))
                        .expect(ints(DType.INT8, dims(3), -128, 127, 1)),
                OpCase.of("unsigned", new Abs(), ints(DType.UINT64, dims(2), -1, 5))
                        .expect(ints(DType.UINT64, dims(2), -1, 5)));
    }
}
