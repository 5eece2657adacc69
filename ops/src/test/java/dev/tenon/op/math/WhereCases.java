package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Cases of {@link Where}. */
public final class WhereCases implements OpCases {
    private static final Where OP = new Where();
    private static final long[][][] SHAPES = {
        {{}, {}, {}},
        {{0}, {1}, {}},
        {{70}, {70}, {70}},
        {{130}, {}, {130}},
        {{130}, {130}, {}},
        {{130}, {}, {}},
        {{}, {130}, {130}},
        {{1}, {}, {130}},
        {{5, 1}, {1, 33}, {5, 33}},
        {{1, 1, 64}, {3, 4, 64}, {}},
        {{4, 1, 5}, {3, 1}, {5}},
        {{7, 3}, {3}, {7, 1}},
    };

    @Override
    public List<OpCase> cases() {
        Tensor condition = Tensor.of(new boolean[] {true, false, true});
        List<OpCase> cases = new ArrayList<>();
        cases.add(OpCase.of("known values", OP, condition, f32(dims(3), 1f, 2f, 3f), f32(dims(3), 7f, Float.NaN, 9f))
                .expect(f32(dims(3), 1f, Float.NaN, 3f)));
        cases.add(OpCase.of("broadcast", OP, condition, i64(dims(2, 1), 1, 2), i64(dims(), 0))
                .expect(i64(dims(2, 3), 1, 0, 1, 2, 0, 2)));
        cases.add(OpCase.of("strings", OP, condition, Tensor.of(new String[] {"a", "b", "ä"}), Tensor.of(new String[] {
                    "x", "", "z"
                }))
                .expect(Tensor.of(new String[] {"a", "", "ä"})));
        cases.add(OpCase.of("a condition of numbers", OP, i64(dims(1), 1), i64(dims(1), 1), i64(dims(1), 1))
                .fails("element type"));
        cases.add(OpCase.of("shapes that do not broadcast", OP, condition, i64(dims(2), 1, 1), i64(dims(1), 1))
                .fails("broadcast"));
        for (DType type : ElementwiseSamples.types(OP, 1)) {
            cases.add(OpCase.of(
                    "type " + type.text(),
                    OP,
                    ElementwiseSamples.values(DType.BOOL, 1, 4, 1, 35),
                    ElementwiseSamples.values(type, 2, 3, 1),
                    ElementwiseSamples.values(type, 3, 4, 3, 35)));
        }
        for (long[][] s : SHAPES) {
            cases.add(OpCase.of(
                    "shapes " + Arrays.deepToString(s),
                    OP,
                    ElementwiseSamples.values(DType.BOOL, 1, s[0]),
                    ElementwiseSamples.values(DType.FLOAT32, 2, s[1]),
                    ElementwiseSamples.values(DType.FLOAT32, 3, s[2])));
        }
        return cases;
    }
}
