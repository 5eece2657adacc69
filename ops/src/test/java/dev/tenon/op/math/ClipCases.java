package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.ArrayList;
import java.util.List;

/** Cases of {@link Clip}. */
public final class ClipCases implements OpCases {
    private static final Clip OP = new Clip();

    @Override
    public List<OpCase> cases() {
        Tensor x = f32(dims(6), -3f, -1f, 0.5f, 4f, Float.NaN, Float.POSITIVE_INFINITY);
        Tensor least = f32(dims(), -2f);
        Tensor greatest = f32(dims(), 2f);
        List<OpCase> cases = new ArrayList<>();
        cases.add(OpCase.of("both bounds", OP, x, least, greatest)
                .expect(f32(dims(6), -2f, -1f, 0.5f, 2f, Float.NaN, 2f)));
        cases.add(OpCase.of("lower bound", OP, x, least)
                .expect(f32(dims(6), -2f, -1f, 0.5f, 4f, Float.NaN, Float.POSITIVE_INFINITY)));
        cases.add(OpCase.of("upper bound", OP, x, null, greatest)
                .expect(f32(dims(6), -3f, -1f, 0.5f, 2f, Float.NaN, 2f)));
        cases.add(OpCase.of("no bound", OP, x).expect(x));
        cases.add(OpCase.of("bounds crossed", OP, x, greatest, least)
                .expect(f32(dims(6), -2f, -2f, -2f, -2f, Float.NaN, -2f)));
        cases.add(OpCase.of("bound of one element and rank 1", OP, x, f32(dims(1), 0f))
                .expect(f32(dims(6), 0f, 0f, 0.5f, 4f, Float.NaN, Float.POSITIVE_INFINITY)));
        cases.add(OpCase.of(
                        "integers",
                        OP,
                        i64(dims(3), Long.MIN_VALUE, 3, Long.MAX_VALUE),
                        i64(dims(), -5),
                        i64(dims(), 5))
                .expect(i64(dims(3), -5, 3, 5)));
        cases.add(OpCase.of("large unsigned", OP, ints(DType.UINT64, dims(2), -1, 3), ints(DType.UINT64, dims(), 5))
                .expect(ints(DType.UINT64, dims(2), -1, 5)));
        cases.add(OpCase.of("a bound of two elements", OP, x, f32(dims(2), 0f, 1f))
                .fails("scalar"));
        cases.add(OpCase.of("a bound of another type", OP, x, i64(dims(), 0)).fails("element type"));
        for (DType type : ElementwiseSamples.types(OP, 0)) {
            Tensor values = ElementwiseSamples.values(type, 1, 3, 70);
            Tensor one = Tensor.convert(type, new long[] {2}, new long[0]);
            Tensor seven = Tensor.convert(type, new long[] {7}, new long[0]);
            cases.add(OpCase.of("type " + type.text(), OP, values, one, seven));
            cases.add(OpCase.of("no lower bound, type " + type.text(), OP, values, null, seven));
            cases.add(OpCase.of("no upper bound, type " + type.text(), OP, values, one));
        }
        for (int n : new int[] {0, 1, 15, 64, 65, 1500}) {
            cases.add(OpCase.of("length " + n, OP, ElementwiseSamples.values(DType.FLOAT32, 2, n), least, greatest));
        }
        cases.add(OpCase.of("a scalar", OP, f32(dims(), 7f), least, greatest).expect(f32(dims(), 2f)));
        return cases;
    }
}
