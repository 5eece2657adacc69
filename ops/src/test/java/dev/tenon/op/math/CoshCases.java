package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Cosh}. */
public final class CoshCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Cosh(),
                OpCase.of(
                                "known values",
                                new Cosh(),
                                f32(dims(11), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN"))
                        .expect(f32(dims(11), """
                                10.067662 1.5430807 1.127626 1 1.0314131
                                1.5430807 6.1322894 242582600 Infinity Infinity
                                NaN""")));
    }
}
