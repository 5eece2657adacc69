package dev.tenon.op.quant;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.random;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link DynamicQuantizeLinear}. */
public final class DynamicQuantizeLinearCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("both signs", new DynamicQuantizeLinear(), f32(dims(6), 0, 2, -3, -2.5f, 1.34f, 0.5f))
                        .expect(
                                ints(DType.UINT8, dims(6), 153, 255, 0, 26, 221, 179),
                                f32(dims(), 0.019607844f),
                                ints(DType.UINT8, dims(), 153)),
                OpCase.of(
                                "positive",
                                new DynamicQuantizeLinear(),
                                f32(dims(3, 4), 1, 2.1f, 1.3f, 2.5f, 3.34f, 4, 1.5f, 2.6f, 3.9f, 4, 3, 2.345f))
                        .expect(
                                ints(DType.UINT8, dims(3, 4), 64, 134, 83, 159, 213, 255, 96, 166, 249, 255, 191, 149),
                                f32(dims(), 0.015686275f),
                                ints(DType.UINT8, dims(), 0)),
                OpCase.of("negative", new DynamicQuantizeLinear(), f32(dims(6), -1, -2.1f, -1.3f, -2.5f, -3.34f, -4))
                        .expect(
                                ints(DType.UINT8, dims(6), 191, 121, 172, 96, 42, 0),
                                f32(dims(), 0.015686275f),
                                ints(DType.UINT8, dims(), 255)),
                OpCase.of("zeros", new DynamicQuantizeLinear(), f32(dims(2), 0, 0))
                        .expect(ints(DType.UINT8, dims(2), 0, 0), f32(dims(), 1), ints(DType.UINT8, dims(), 0)),
                OpCase.of("none", new DynamicQuantizeLinear(), f32(dims(0)))
                        .expect(ints(DType.UINT8, dims(0)), f32(dims(), 1), ints(DType.UINT8, dims(), 0)),
                OpCase.of("scalar", new DynamicQuantizeLinear(), f32(dims(1), 5))
                        .expect(
                                ints(DType.UINT8, dims(1), 255),
                                f32(dims(), 0.019607844f),
                                ints(DType.UINT8, dims(), 0)),
                OpCase.of("halves round to even", new DynamicQuantizeLinear(), f32(dims(5), 0, 255, 0.5f, 1.5f, 2.5f))
                        .expect(
                                ints(DType.UINT8, dims(5), 0, 255, 0, 2, 2),
                                f32(dims(), 1),
                                ints(DType.UINT8, dims(), 0)),
                OpCase.of(
                                "halves round to even below zero point",
                                new DynamicQuantizeLinear(),
                                f32(dims(5), -127.5f, 127.5f, 0.5f, -0.5f, 1.5f))
                        .expect(
                                ints(DType.UINT8, dims(5), 0, 255, 128, 128, 130),
                                f32(dims(), 1),
                                ints(DType.UINT8, dims(), 128)),
                OpCase.of("NaN does not count", new DynamicQuantizeLinear(), f32(dims(2), Float.NaN, 1))
                        .expect(
                                ints(DType.UINT8, dims(2), 0, 255),
                                f32(dims(), 0.003921569f),
                                ints(DType.UINT8, dims(), 0)),
                OpCase.of("infinity", new DynamicQuantizeLinear(), f32(dims(2), Float.POSITIVE_INFINITY, 1))
                        .expect(
                                ints(DType.UINT8, dims(2), 0, 0),
                                f32(dims(), Float.POSITIVE_INFINITY),
                                ints(DType.UINT8, dims(), 0)),
                OpCase.of("minus infinity", new DynamicQuantizeLinear(), f32(dims(2), Float.NEGATIVE_INFINITY, 1))
                        .expect(
                                ints(DType.UINT8, dims(2), 0, 255),
                                f32(dims(), Float.POSITIVE_INFINITY),
                                ints(DType.UINT8, dims(), 255)),
                OpCase.of("range overflows", new DynamicQuantizeLinear(), f32(dims(2), 3e38f, -3e38f))
                        .expect(
                                ints(DType.UINT8, dims(2), 0, 0),
                                f32(dims(), Float.POSITIVE_INFINITY),
                                ints(DType.UINT8, dims(), 0)),
                OpCase.of("scale underflows", new DynamicQuantizeLinear(), f32(dims(2), 1e-45f, 0))
                        .expect(ints(DType.UINT8, dims(2), 255, 0), f32(dims(), 0), ints(DType.UINT8, dims(), 255)),
                OpCase.of("subnormal", new DynamicQuantizeLinear(), f32(dims(2), 1e-40f, -1e-42f))
                        .expect(
                                ints(DType.UINT8, dims(2), 255, 0),
                                f32(dims(), 3.97e-43f),
                                ints(DType.UINT8, dims(), 3)),
                OpCase.of("type outside", new DynamicQuantizeLinear(), reals(DType.FLOAT64, dims(1), 1))
                        .fails("element type f64"),
                OpCase.of("random [7]", new DynamicQuantizeLinear(), random(DType.FLOAT32, 1, 7)),
                OpCase.of("random [16]", new DynamicQuantizeLinear(), random(DType.FLOAT32, 2, 16)),
                OpCase.of("random [33]", new DynamicQuantizeLinear(), random(DType.FLOAT32, 3, 33)),
                OpCase.of("random [5, 31]", new DynamicQuantizeLinear(), random(DType.FLOAT32, 4, 5, 31)),
                OpCase.of("random [1000]", new DynamicQuantizeLinear(), random(DType.FLOAT32, 5, 1000)));
    }
}
