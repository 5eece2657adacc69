package dev.tenon.op.quant;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link MatMulInteger}. */
public final class MatMulIntegerCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "zero points",
                                new MatMulInteger(),
                                ints(DType.UINT8, dims(2, 3), 11, 7, 3, 10, 6, 2),
                                ints(DType.UINT8, dims(3, 2), 1, 4, 2, 5, 3, 6),
                                ints(DType.UINT8, dims(), 12),
                                ints(DType.UINT8, dims(), 0))
                        .expect(ints(DType.INT32, dims(2, 2), -38, -83, -44, -98)),
                OpCase.of(
                                "no zero points",
                                new MatMulInteger(),
                                ints(DType.UINT8, dims(2, 3), 11, 7, 3, 10, 6, 2),
                                ints(DType.UINT8, dims(3, 2), 1, 4, 2, 5, 3, 6))
                        .expect(ints(DType.INT32, dims(2, 2), 34, 97, 28, 82)),
                OpCase.of(
                                "extremes",
                                new MatMulInteger(),
                                ints(DType.UINT8, dims(1, 2), 255, 255),
                                ints(DType.INT8, dims(2, 1), -128, -128),
                                ints(DType.UINT8, dims(1), 0),
                                ints(DType.INT8, dims(1), 127))
                        .expect(ints(DType.INT32, dims(1, 1), -130050)),
                OpCase.of(
                                "second zero point alone",
                                new MatMulInteger(),
                                ints(DType.UINT8, dims(2, 3), 11, 7, 3, 10, 6, 2),
                                ints(DType.INT8, dims(3, 2), 1, -4, 2, 5, -3, 6),
                                null,
                                ints(DType.INT8, dims(), -1))
                        .expect(ints(DType.INT32, dims(2, 2), 37, 30, 34, 20)),
                OpCase.of(
                                "zero point by row",
                                new MatMulInteger(),
                                ints(DType.UINT8, dims(2, 3), 11, 7, 3, 10, 6, 2),
                                ints(DType.UINT8, dims(3, 2), 1, 4, 2, 5, 3, 6),
                                ints(DType.UINT8, dims(2), 1, 2))
                        .expect(ints(DType.INT32, dims(2, 2), 28, 82, 16, 52)),
                OpCase.of(
                                "zero point by column",
                                new MatMulInteger(),
                                ints(DType.UINT8, dims(2, 3), 11, 7, 3, 10, 6, 2),
                                ints(DType.UINT8, dims(3, 2), 1, 4, 2, 5, 3, 6),
                                ints(DType.UINT8, dims(), 3),
                                ints(DType.UINT8, dims(2), 1, 2))
                        .expect(ints(DType.INT32, dims(2, 2), 4, 28, 1, 19)),
                OpCase.of(
                                "zero points as matrices",
                                new MatMulInteger(),
                                ints(DType.UINT8, dims(2, 3), 11, 7, 3, 10, 6, 2),
                                ints(DType.UINT8, dims(3, 2), 1, 4, 2, 5, 3, 6),
                                ints(DType.UINT8, dims(2, 1), 1, 2),
                                ints(DType.UINT8, dims(1, 2), 1, 2))
                        .expect(ints(DType.INT32, dims(2, 2), 10, 46, 4, 28)),
                OpCase.of(
                                "stacks",
                                new MatMulInteger(),
                                ints(DType.INT8, dims(2, 1, 2), 1, -2, 3, 4),
                                ints(DType.UINT8, dims(2, 2, 2), 0, 1, 2, 3, 4, 5, 6, 7),
                                ints(DType.INT8, dims(2, 1, 1), 1, 2),
                                ints(DType.UINT8, dims(2, 1, 2), 0, 1, 2, 3))
                        .expect(ints(DType.INT32, dims(2, 1, 2), -6, -6, 10, 10)),
                OpCase.of(
                                "row by column",
                                new MatMulInteger(),
                                ints(DType.INT8, dims(3), 1, 2, 3),
                                ints(DType.INT8, dims(3), 4, 5, 6))
                        .expect(ints(DType.INT32, dims(), 32)),
                OpCase.of(
                                "nothing in common",
                                new MatMulInteger(),
                                ints(DType.UINT8, dims(1, 0)),
                                ints(DType.UINT8, dims(0, 2)))
                        .expect(ints(DType.INT32, dims(1, 2), 0, 0)),
                OpCase.of(
                        "random [3, 17] by [17, 33]",
                        new MatMulInteger(),
                        random(DType.UINT8, 1, 3, 17),
                        random(DType.INT8, 9, 17, 33),
                        ints(DType.UINT8, dims(), 100),
                        ints(DType.INT8, dims(), 0)),
                OpCase.of(
                        "random [9, 64] by [64, 40]",
                        new MatMulInteger(),
                        random(DType.UINT8, 2, 9, 64),
                        random(DType.INT8, 10, 64, 40),
                        ints(DType.UINT8, dims(), 101),
                        ints(DType.INT8, dims(), 1)),
                OpCase.of(
                        "random [2, 4, 100] by [100, 19]",
                        new MatMulInteger(),
                        random(DType.UINT8, 3, 2, 4, 100),
                        random(DType.INT8, 11, 100, 19),
                        ints(DType.UINT8, dims(), 102),
                        ints(DType.INT8, dims(), 2)),
                OpCase.of(
                        "random, zero point by column",
                        new MatMulInteger(),
                        random(DType.UINT8, 30, 5, 48),
                        random(DType.UINT8, 31, 48, 18),
                        ints(DType.UINT8, dims(), 128),
                        random(DType.UINT8, 32, 18)),
                OpCase.of(
                                "sizes differ",
                                new MatMulInteger(),
                                ints(DType.UINT8, dims(2, 3), 11, 7, 3, 10, 6, 2),
                                ints(DType.UINT8, dims(2, 3), 11, 7, 3, 10, 6, 2))
                        .fails("3 columns and 2 rows"),
                OpCase.of(
                                "zero point does not fit",
                                new MatMulInteger(),
                                ints(DType.UINT8, dims(2, 3), 11, 7, 3, 10, 6, 2),
                                ints(DType.UINT8, dims(3, 2), 1, 4, 2, 5, 3, 6),
                                ints(DType.UINT8, dims(3), 1, 2, 3))
                        .fails("one number for each row"),
                OpCase.of(
                                "zero point by row of the right",
                                new MatMulInteger(),
                                ints(DType.UINT8, dims(2, 3), 11, 7, 3, 10, 6, 2),
                                ints(DType.UINT8, dims(3, 2), 1, 4, 2, 5, 3, 6),
                                null,
                                ints(DType.UINT8, dims(3, 1), 1, 2, 3))
                        .fails("one number for each column"),
                OpCase.of(
                                "type outside",
                                new MatMulInteger(),
                                ints(DType.INT32, dims(1, 1), 1),
                                ints(DType.UINT8, dims(3, 2), 1, 4, 2, 5, 3, 6))
                        .fails("element type i32"));
    }
}
