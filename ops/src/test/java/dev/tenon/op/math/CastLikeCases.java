package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.ArrayList;
import java.util.List;

/** Cases of {@link CastLike}. */
public final class CastLikeCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        CastLike op = new CastLike(true, "up");
        List<OpCase> cases = new ArrayList<>();
        cases.add(OpCase.of(
                        "shape of the second operand does not count",
                        op,
                        f32(dims(3), 1.9f, -1.9f, 0f),
                        i64(dims(2, 2), 1, 2, 3, 4))
                .expect(i64(dims(3), 1, -1, 0)));
        cases.add(OpCase.of("an empty second operand", op, i64(dims(2), 300, -1), ints(DType.UINT8, dims(0)))
                .expect(ints(DType.UINT8, dims(2), 44, 255)));
        cases.add(OpCase.of("saturation", op, f32(dims(1), 1e6f), reals(DType.FLOAT8E5M2, dims(), 0))
                .expect(reals(DType.FLOAT8E5M2, dims(1), 57344)));
        cases.add(OpCase.of(
                        "rounding down",
                        new CastLike(true, "down"),
                        f32(dims(1), 1.75f),
                        reals(DType.FLOAT8E8M0, dims(), 1))
                .expect(reals(DType.FLOAT8E8M0, dims(1), 1)));
        cases.add(OpCase.of("text", op, f32(dims(1), 1.5f), Tensor.of(new String[] {""}))
                .expect(Tensor.of(new String[] {"1.5"})));
        for (DType from : ElementwiseSamples.types(op, 0)) {
            for (DType to : new DType[] {DType.FLOAT32, DType.INT64, DType.INT32, DType.BOOL, DType.FLOAT16, from}) {
                Tensor x = ElementwiseSamples.values(from, 3, 2, 35);
                Tensor like = ElementwiseSamples.values(to, 4, 9);
                cases.add(OpCase.of(from.text() + " like " + to.text() + ", number " + cases.size(), op, x, like));
            }
        }
        return cases;
    }
}
