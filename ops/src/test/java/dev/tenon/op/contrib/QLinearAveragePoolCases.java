package dev.tenon.op.contrib;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link QLinearAveragePool}. */
public final class QLinearAveragePoolCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "halves round to even with the zero point",
                                pool(2, 1),
                                ints(DType.UINT8, dims(1, 1, 4), 10, 11, 12, 14),
                                f32(dims(), 0.5f),
                                ints(DType.UINT8, dims(), 8),
                                f32(dims(), 0.5f),
                                ints(DType.UINT8, dims(), 3))
                        .expect(ints(DType.UINT8, dims(1, 1, 3), 6, 6, 8)),
                OpCase.of(
                                "signed, saturated",
                                pool(2, 2),
                                ints(DType.INT8, dims(1, 2, 2), 127, 127, -128, -128),
                                f32(dims(), 2),
                                ints(DType.INT8, dims(), 0),
                                f32(dims(), 1),
                                ints(DType.INT8, dims(), 1))
                        .expect(ints(DType.INT8, dims(1, 2, 1), 127, -128)),
                OpCase.of(
                                "no zero points, padding does not count",
                                QLinearAveragePool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2, 2})
                                        .with("pads", new long[] {1, 1, 0, 0})),
                                ints(DType.UINT8, dims(1, 1, 2, 2), 4, 8, 12, 16),
                                f32(dims(1), 1),
                                null,
                                f32(dims(1), 2))
                        .expect(ints(DType.UINT8, dims(1, 1, 2, 2), 2, 3, 4, 5)),
                OpCase.of(
                                "padding counts",
                                QLinearAveragePool.of(Attributes.none()
                                        .with("kernel_shape", new long[] {2, 2})
                                        .with("pads", new long[] {1, 1, 0, 0})
                                        .with("count_include_pad", 1)),
                                ints(DType.UINT8, dims(1, 1, 2, 2), 4, 8, 12, 16),
                                f32(dims(), 1),
                                ints(DType.UINT8, dims(), 0),
                                f32(dims(), 1),
                                ints(DType.UINT8, dims(), 0))
                        .expect(ints(DType.UINT8, dims(1, 1, 2, 2), 1, 3, 4, 10)),
                OpCase.of(
                                "nothing",
                                pool(2, 1),
                                ints(DType.UINT8, dims(0, 1, 4)),
                                f32(dims(), 0.5f),
                                null,
                                f32(dims(), 0.5f),
                                null)
                        .expect(ints(DType.UINT8, dims(0, 1, 3))),
                OpCase.of(
                                "two scales",
                                pool(2, 1),
                                ints(DType.UINT8, dims(1, 1, 4), 10, 11, 12, 14),
                                f32(dims(2), 0.5f, 1),
                                null,
                                f32(dims(), 0.5f))
                        .fails("a scalar or one element"),
                OpCase.of(
                                "rank",
                                pool(2, 1),
                                ints(DType.UINT8, dims(1, 4), 10, 11, 12, 14),
                                f32(dims(), 0.5f),
                                null,
                                f32(dims(), 0.5f))
                        .fails("rank 3"));
    }

    private static QLinearAveragePool pool(long size, long stride) {
        return QLinearAveragePool.of(
                Attributes.none().with("kernel_shape", new long[] {size}).with("strides", new long[] {stride}));
    }
}
