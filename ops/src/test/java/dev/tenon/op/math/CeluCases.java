package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;

import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Celu}. */
public final class CeluCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.unary(
                new Celu(1f),
                OpCase.of(
                                "default alpha",
                                new Celu(1f),
                                f32(dims(11), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN"))
                        .expect(f32(dims(11), "-0.95021296 -0.63212055 -0.39346933 0 0.25 1 2.5 20 Infinity -1 NaN")),
                OpCase.of("alpha 2", new Celu(2f), f32(dims(11), "-3 -1 -0.5 0 0.25 1 2.5 20 Infinity -Infinity NaN"))
                        .expect(f32(dims(11), "-1.5537397 -0.78693867 -0.44239843 0 0.25 1 2.5 20 Infinity -2 NaN")),
                OpCase.of(
                                "negative alpha",
                                new Celu(-1.5f),
                                f32(dims(9), -3f, -1f, -0.5f, 0f, 0.25f, 1f, 2.5f, 20f, Float.NaN))
                        .expect(f32(dims(9), "-9.583584 -1.421601 -0.59341866 0 0.25 1 2.5 20 NaN")));
    }
}
