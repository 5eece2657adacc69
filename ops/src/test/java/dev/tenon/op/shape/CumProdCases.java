package dev.tenon.op.shape;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link CumProd}. */
public final class CumProdCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("plain", new CumProd(false, false), i64(dims(3), 1, 2, 3), Tensor.scalar(0L))
                        .expect(i64(dims(3), 1, 2, 6)),
                OpCase.of("exclusive", new CumProd(true, false), i64(dims(3), 1, 2, 3), Tensor.scalar(0L))
                        .expect(i64(dims(3), 1, 1, 2)),
                OpCase.of("reverse", new CumProd(false, true), i64(dims(3), 1, 2, 3), Tensor.scalar(0L))
                        .expect(i64(dims(3), 6, 6, 3)),
                OpCase.of("exclusive and reverse", new CumProd(true, true), i64(dims(3), 1, 2, 3), Tensor.scalar(-1L))
                        .expect(i64(dims(3), 6, 3, 1)),
                OpCase.of("rows", new CumProd(false, false), linear(1, 0.5, 2, 3), Tensor.scalar(0L))
                        .expect(f32(dims(2, 3), 1, 1.5f, 2, 2.5f, 4.5f, 7)),
                OpCase.of("columns", new CumProd(false, false), linear(1, 0.5, 2, 3), Tensor.scalar(1L))
                        .expect(f32(dims(2, 3), 1, 1.5f, 3, 2.5f, 7.5f, 26.25f)),
                OpCase.of(
                                "wraps",
                                new CumProd(false, false),
                                ints(DType.INT32, dims(2), 0x10000, 0x10000),
                                Tensor.scalar(0))
                        .expect(ints(DType.INT32, dims(2), 0x10000, 0)),
                OpCase.of(
                                "infinity times zero",
                                new CumProd(false, false),
                                f32(dims(2), Float.POSITIVE_INFINITY, 0),
                                Tensor.scalar(0L))
                        .expect(f32(dims(2), Float.POSITIVE_INFINITY, Float.NaN)),
                OpCase.of("float16", new CumProd(false, true), random(DType.FLOAT16, 1, 2, 3), Tensor.scalar(1L)),
                OpCase.of("empty", new CumProd(false, false), f32(dims(0, 2)), Tensor.scalar(0L))
                        .expect(f32(dims(0, 2))),
                OpCase.of("axis outside", new CumProd(false, false), i64(dims(3), 1, 2, 3), Tensor.scalar(1L))
                        .fails("[-1, 0]"));
    }
}
