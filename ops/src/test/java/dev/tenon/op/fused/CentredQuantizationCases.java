package dev.tenon.op.fused;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link CentredQuantization}: ranges of 255 and 510, so that the scales are 1 and 2. */
public final class CentredQuantizationCases implements OpCases {
    private static final CentredQuantization OP = new CentredQuantization();

    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("positive numbers", OP, f32(dims(4), 0, 255, 10.4f, 2.5f))
                        .expect(f32(dims(4), 0, 255, 10, 2), f32(dims(), 1)),
                OpCase.of("numbers of both signs", OP, f32(dims(2, 2), -102, 408, 3, -0.5f))
                        .expect(f32(dims(2, 2), -51, 204, 2, 0), f32(dims(), 2)),
                OpCase.of("zeros", OP, f32(dims(3), 0, 0, 0)).expect(f32(dims(3), 0, 0, 0), f32(dims(), 1)),
                OpCase.of("random", OP, random(DType.FLOAT32, 1, 3, 7, 5)),
                OpCase.of("bytes", OP, random(DType.INT8, 1, 3)).fails("f32"));
    }
}
