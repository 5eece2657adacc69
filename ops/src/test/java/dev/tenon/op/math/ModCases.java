package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.ArrayList;
import java.util.List;

/** Cases of {@link Mod}. */
public final class ModCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>(ElementwiseSamples.binary(
                new Mod(true),
                OpCase.of(
                                "sign of the divisor",
                                new Mod(false),
                                i64(dims(7), 4, -4, 4, -4, 5, -5, 0),
                                i64(dims(7), 3, 3, -3, -3, 0, 2, 7))
                        .expect(i64(dims(7), 1, 2, -2, -1, 0, 1, 0)),
                OpCase.of(
                                "sign of the dividend",
                                new Mod(true),
                                i64(dims(7), 4, -4, 4, -4, 5, -5, 0),
                                i64(dims(7), 3, 3, -3, -3, 0, 2, 7))
                        .expect(i64(dims(7), 1, -1, 1, -1, 0, -1, 0)),
                OpCase.of(
                                "floats",
                                new Mod(true),
                                f32(dims(5), -4.3f, 7.2f, 5f, 3f, Float.NaN),
                                f32(dims(5), 2.1f, -3.4f, 8f, Float.POSITIVE_INFINITY, 1f))
                        .expect(f32(dims(5), -0.10000038f, 0.39999962f, 5f, 3f, Float.NaN)),
                OpCase.of(
                                "large unsigned",
                                new Mod(false),
                                ints(DType.UINT64, dims(2), -1, 9),
                                ints(DType.UINT64, dims(2), 10, -1))
                        .expect(ints(DType.UINT64, dims(2), 5, 9)),
                OpCase.of(
                                "floats with the sign of the divisor",
                                new Mod(false),
                                f32(dims(7), -4.5f, 7f, 5f, 4.5f, -4f, 4f, Float.NaN),
                                f32(dims(7), 2f, -4f, 8f, -2f, 2f, -2f, 1f))
                        .expect(f32(dims(7), 1.5f, -1f, 5f, -1.5f, 0f, -0f, Float.NaN))));
        for (DType type : Types.INTEGERS) {
            cases.add(OpCase.of(
                    "sign of the divisor, type " + type.text(),
                    new Mod(false),
                    ElementwiseSamples.values(type, 7, 6, 30),
                    ElementwiseSamples.values(type, 8, 30)));
        }
        return cases;
    }
}
