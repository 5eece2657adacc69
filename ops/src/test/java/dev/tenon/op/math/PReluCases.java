package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.ArrayList;
import java.util.List;

/** Cases of {@link PRelu}. */
public final class PReluCases implements OpCases {
    private static final long[][][] SHAPES = {
        {{}, {}},
        {{0}, {1}},
        {{37}, {}},
        {{5, 33}, {33}},
        {{2, 3, 7, 9}, {3, 1, 1}},
        {{2, 64, 70}, {64, 1}},
        {{9, 65}, {9, 65}}
    };

    @Override
    public List<OpCase> cases() {
        PRelu op = new PRelu();
        List<OpCase> cases = new ArrayList<>();
        cases.add(OpCase.of(
                        "known values",
                        op,
                        f32(dims(2, 3), -1f, 2f, -3f, Float.NaN, Float.NEGATIVE_INFINITY, -0.5f),
                        f32(dims(3), 0.5f, 7f, -2f))
                .expect(f32(dims(2, 3), -0.5f, 2f, 6f, Float.NaN, Float.NEGATIVE_INFINITY, 1f)));
        cases.add(OpCase.of("integers", op, i64(dims(3), -4, 4, -1), i64(dims(1), 3))
                .expect(i64(dims(3), -12, 4, -3)));
        for (DType type : ElementwiseSamples.types(op, 0)) {
            cases.add(OpCase.of(
                    "elements of type " + type.text(),
                    op,
                    ElementwiseSamples.values(type, 1, 4, 3, 5),
                    ElementwiseSamples.values(type, 2, 3, 1)));
        }
        for (long[][] dims : SHAPES) {
            cases.add(OpCase.of(
                    "shapes " + dims[0].length + " and " + dims[1].length + ", last " + cases.size(),
                    op,
                    ElementwiseSamples.values(DType.FLOAT32, 3, dims[0]),
                    ElementwiseSamples.values(DType.FLOAT32, 4, dims[1])));
        }
        cases.add(OpCase.of("a slope of more dimensions", op, f32(dims(2), 1f, 2f), f32(dims(2, 1), 1f, 2f))
                .fails("slope"));
        cases.add(OpCase.of("a slope of another length", op, f32(dims(2), 1f, 2f), f32(dims(3), 1f, 2f, 3f))
                .fails("slope"));
        return cases;
    }
}
