package dev.tenon.op.nn;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.reals;
import static dev.tenon.testkit.Literals.steps;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Hardmax}. */
public final class HardmaxCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("row", new Hardmax(-1), f32(dims(1, 4), 3, 0, 1, 2)).expect(f32(dims(1, 4), 1, 0, 0, 0)),
                OpCase.of("first of equals", new Hardmax(-1), f32(dims(1, 4), 0, 3, 3, 1))
                        .expect(f32(dims(1, 4), 0, 1, 0, 0)),
                OpCase.of("first axis", new Hardmax(0), f32(dims(3, 2), 1, 5, 7, 2, 3, 9))
                        .expect(f32(dims(3, 2), 0, 0, 1, 0, 0, 1)),
                OpCase.of("middle axis", new Hardmax(1), steps(7, 2, 3, 2))
                        .expect(f32(dims(2, 3, 2), 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0)),
                OpCase.of("rows of several vectors", new Hardmax(-1), linear(-3, 1, 3, 40))
                        .expect(marks(3, 40)),
                OpCase.of("NaN is greatest", new Hardmax(-1), f32(dims(1, 3), Float.POSITIVE_INFINITY, Float.NaN, 1))
                        .expect(f32(dims(1, 3), 0, 1, 0)),
                OpCase.of("zeros of either sign are equal", new Hardmax(-1), f32(dims(1, 2), -0f, 0))
                        .expect(f32(dims(1, 2), 1, 0)),
                OpCase.of(
                                "all minus infinity",
                                new Hardmax(-1),
                                f32(dims(1, 2), Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY))
                        .expect(f32(dims(1, 2), 1, 0)),
                OpCase.of("float16", new Hardmax(-1), reals(DType.FLOAT16, dims(1, 2), 1, 2))
                        .expect(reals(DType.FLOAT16, dims(1, 2), 0, 1)),
                OpCase.of("empty", new Hardmax(-1), f32(dims(0, 3))).expect(f32(dims(0, 3))),
                OpCase.of("axis outside", new Hardmax(1), f32(dims(2), 1, 2)).fails("[-1, 0]"));
    }

    /** A tensor of zeros with a 1 at the end of each row. */
    private static Tensor marks(int rows, int length) {
        Tensor t = Tensor.allocate(DType.FLOAT32, rows, length);
        for (long row = 1; row <= rows; row++) {
            t.setDouble(row * length - 1, 1);
        }
        return t;
    }
}
