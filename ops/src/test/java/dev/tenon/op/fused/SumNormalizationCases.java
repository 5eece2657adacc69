package dev.tenon.op.fused;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.RMSNormalization;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link SumNormalization}: sums whose standard deviation or mean square is 1. */
public final class SumNormalizationCases implements OpCases {
    private static final SumNormalization LAYER = new SumNormalization(new LayerNormalization(-1, 0, DType.FLOAT32));
    private static final SumNormalization RMS = new SumNormalization(new RMSNormalization(-1, 0, DType.FLOAT32));

    @Override
    public List<OpCase> cases() {
        Tensor scale = f32(dims(2), 10, 100);
        Tensor bias = f32(dims(2), 1, 2);
        Tensor skip = f32(dims(2, 2), 1, 1, 2, 4);
        return List.of(
                OpCase.of("skip", LAYER, scale, bias, f32(dims(2, 2), 0, 2, 3, -1), null, skip)
                        .expect(f32(dims(2, 2), -9, 102, 11, -98), f32(dims(2, 2), 1, 3, 5, 3)),
                OpCase.of("root mean square", RMS, scale, null, f32(dims(2, 2), 0, 0, -3, -3), null, skip)
                        .expect(f32(dims(2, 2), 10, 100, -10, 100)),
                OpCase.of(
                                "embeddings",
                                LAYER,
                                scale,
                                null,
                                f32(dims(3, 2), 0, 2, 5, 5, 4, 2),
                                Tensor.of(new long[] {2, 0, 0, -1}, 2, 2),
                                f32(dims(2, 2), 1, 1, 7, 7),
                                Tensor.of(new int[] {1, 0}, 1, 2))
                        .expect(f32(dims(2, 2, 2), 10, -100, -10, 100, -10, 100, 10, -100)),
                OpCase.of("one term", LAYER, scale, null, f32(dims(1, 2), 1, 3)).expect(f32(dims(1, 2), -10, 100)),
                OpCase.of(
                        "three terms, random",
                        new SumNormalization(new LayerNormalization(1, 1e-5f, DType.FLOAT32)),
                        random(DType.FLOAT32, 1, 4, 5),
                        random(DType.FLOAT32, 2, 4, 5),
                        random(DType.FLOAT32, 3, 3, 4, 5),
                        null,
                        random(DType.FLOAT32, 4, 1, 4, 5),
                        null,
                        random(DType.FLOAT32, 5, 4, 5)),
                OpCase.of("no row of the table", LAYER, scale, null, skip, Tensor.of(new long[] {2}, 1))
                        .fails("index 2; allowed [-2, 1]"),
                OpCase.of("a bias", RMS, scale, bias, skip).fails("B of an RMSNormalization"),
                OpCase.of("no term", LAYER, scale, bias).fails("no term"));
    }
}
