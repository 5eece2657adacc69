package dev.tenon.op.fused;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.op.math.HardSigmoid;
import dev.tenon.op.math.HardSwish;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Sigmoid;
import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link SqueezeExcite}. */
public final class SqueezeExciteCases implements OpCases {
    private static final SqueezeExcite HARD = new SqueezeExcite(new Relu(), new HardSigmoid(0.25f, 0.5f));

    @Override
    public List<OpCase> cases() {
        // The means are 2 and 5. There is one value between the products.
        var x = f32(dims(1, 2, 1, 2), 1, 3, 4, 6);
        var first = f32(dims(1, 2, 1, 1), 2, -1);
        var second = f32(dims(2, 1, 1, 1), 1, -2);
        return List.of(
                OpCase.of("only biases", HARD, x, first, second, f32(dims(1), 0), f32(dims(2), 0, 1))
                        .expect(f32(dims(1, 2, 1, 2), 0.5f, 1.5f, 3, 4.5f)),
                OpCase.of("first bias", HARD, x, first, second, f32(dims(1), 2), null)
                        .expect(f32(dims(1, 2, 1, 2), 0.75f, 2.25f, 0, 0)),
                OpCase.of("second bias", HARD, x, first, second, null, f32(dims(2), -1, 2))
                        .expect(f32(dims(1, 2, 1, 2), 0.25f, 0.75f, 4, 6)),
                OpCase.of(
                                "one axis",
                                HARD,
                                f32(dims(2, 1, 2), 1, 3, -1, -3),
                                f32(dims(1, 1, 1), 1),
                                f32(dims(1, 1, 1), 1))
                        .expect(f32(dims(2, 1, 2), 1, 3, -0.5f, -1.5f)),
                OpCase.of(
                        "random",
                        new SqueezeExcite(new HardSwish(), new Sigmoid()),
                        random(DType.FLOAT32, 1, 2, 20, 5, 7),
                        random(DType.FLOAT32, 2, 6, 20, 1, 1),
                        random(DType.FLOAT32, 3, 20, 6, 1, 1),
                        random(DType.FLOAT32, 4, 6),
                        random(DType.FLOAT32, 5, 20)),
                OpCase.of("no instances", HARD, f32(dims(0, 2, 1, 2)), first, second)
                        .expect(f32(dims(0, 2, 1, 2))),
                OpCase.of("one gate for all channels", HARD, x, first, f32(dims(1, 1, 1, 1), 1))
                        .fails("2 gates"),
                OpCase.of("too many channels", HARD, f32(dims(1, 1, 1, 2), 1, 3), first, second)
                        .fails("channels"));
    }
}
