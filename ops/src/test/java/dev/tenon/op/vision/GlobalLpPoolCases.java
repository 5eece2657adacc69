package dev.tenon.op.vision;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.reals;
import static dev.tenon.testkit.Literals.steps;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link GlobalLpPool}. */
public final class GlobalLpPoolCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("plain", GlobalLpPool.of(Attributes.none()), steps(13, 1, 2, 4, 5))
                        .expect(f32(dims(1, 2, 1, 1), 16.40122f, 17.291616f)),
                OpCase.of("third order", GlobalLpPool.of(Attributes.none().with("p", 3)), steps(13, 1, 2, 4, 5))
                        .expect(f32(dims(1, 2, 1, 1), 10.846349f, 11.466823f)),
                OpCase.of("sum of absolutes", GlobalLpPool.of(Attributes.none().with("p", 1)), steps(11, 2, 1, 3))
                        .expect(f32(dims(2, 1, 1), 7.5f, 7.5f)),
                OpCase.of("no axes", GlobalLpPool.of(Attributes.none()), f32(dims(1, 2), -3, 4))
                        .expect(f32(dims(1, 2), 3, 4)),
                OpCase.of("nothing", GlobalLpPool.of(Attributes.none()), f32(dims(1, 1, 0)))
                        .expect(f32(dims(1, 1, 1), 0)),
                OpCase.of("float64", GlobalLpPool.of(Attributes.none()), reals(DType.FLOAT64, dims(1, 1, 2), 3, -4))
                        .expect(reals(DType.FLOAT64, dims(1, 1, 1), 5)),
                OpCase.of("rank too small", GlobalLpPool.of(Attributes.none()), f32(dims(2), 1, 2))
                        .fails("rank 2 or more"));
    }
}
