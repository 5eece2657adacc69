package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Equal}. */
public final class EqualCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return ElementwiseSamples.binary(
                new Equal(),
                OpCase.of(
                                "known values",
                                new Equal(),
                                f32(dims(7), "1 2 3 NaN Infinity -Infinity 0"),
                                f32(dims(7), 2f, 2f, 2f, Float.NaN, Float.POSITIVE_INFINITY, 0f, -0f))
                        .expect(Tensor.of(new boolean[] {false, true, false, false, true, false, true})),
                OpCase.of(
                                "large unsigned",
                                new Equal(),
                                ints(DType.UINT64, dims(2), -1, 3),
                                ints(DType.UINT64, dims(1), 5))
                        .expect(Tensor.of(new boolean[] {false, false})),
                OpCase.of("strings", new Equal(), Tensor.of(new String[] {"a", "b", "ä", ""}), Tensor.of(new String[] {
                            "a", "B", "ä", " "
                        }))
                        .expect(Tensor.of(new boolean[] {true, false, true, false})),
                OpCase.of(
                                "booleans",
                                new Equal(),
                                Tensor.of(new boolean[] {true, false, true, false}),
                                Tensor.of(new boolean[] {true, true, false, false}))
                        .expect(Tensor.of(new boolean[] {true, false, false, true})));
    }
}
