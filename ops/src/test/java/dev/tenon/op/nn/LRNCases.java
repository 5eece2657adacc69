package dev.tenon.op.nn;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.reals;
import static dev.tenon.testkit.Literals.steps;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link LRN}. */
public final class LRNCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("three channels", new LRN(3, 0.5f, 0.75f, 1f), steps(13, 1, 4, 1, 2))
                        .expect(f32(dims(1, 4, 1, 2), """
                                -1.2184478 0.86813235
                                -0.81481797 0.7225559
                                -0.76403046 0.6730902
                                -0.38505188 -0.9448754""")),
                OpCase.of("even size", new LRN(2, 0.25f, 0.5f, 2f), steps(13, 2, 4, 2))
                        .expect(f32(dims(2, 4, 2), """
                                -1.6854019 1.4214846   -1.4285715 1.5607979
                                -0.9863939 1.6536213   -0.3508232 -2.4088535
                                0.32879797 -1.9076419   0.85714287 -1.8276231
                                1.2038585 -1.6854019   1.8625323 -1.4990634""")),
                OpCase.of("defaults", new LRN(5, 1e-4f, 0.75f, 1f), linear(1, 2, 1, 3, 2, 1))
                        .expect(f32(dims(1, 3, 2, 1), "0.998398 2.99197 4.99199 6.9812636 8.985582 10.970557")),
                OpCase.of("size beyond the channels", new LRN(9, 1f, 0.75f, 1f), linear(1, 2, 1, 2, 2))
                        .expect(f32(dims(1, 2, 2), 0.3611028f, 0.6656517f, 1.805514f, 1.5531873f)),
                OpCase.of("enormous size", new LRN(4611686018427387904L, 0f, 0.75f, 1f), f32(dims(1, 2), 1, 2))
                        .expect(f32(dims(1, 2), 1, 2)),
                OpCase.of("matrix", new LRN(1, 1f, 0.75f, 1f), f32(dims(2, 2), 1, 2, 3, 4))
                        .expect(f32(dims(2, 2), 0.59460354f, 0.5981395f, 0.5334838f, 0.47777486f)),
                OpCase.of("float64", new LRN(3, 1f, 0.75f, 1f), reals(DType.FLOAT64, dims(1, 3, 1), 1, 2, 3))
                        .expect(reals(
                                DType.FLOAT64,
                                dims(1, 3, 1),
                                "0.47920732818470435 0.5445455905129597 0.8548151463580417")),
                OpCase.of("empty", new LRN(3, 1e-4f, 0.75f, 1f), f32(dims(0, 3, 2)))
                        .expect(f32(dims(0, 3, 2))),
                OpCase.of("vector", new LRN(1, 1e-4f, 0.75f, 1f), f32(dims(3), 1, 2, 3))
                        .fails("rank 2 or more"));
    }
}
