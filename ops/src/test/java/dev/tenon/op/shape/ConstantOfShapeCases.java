package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.bools;
import static dev.tenon.op.shape.Values.f32;
import static dev.tenon.op.shape.Values.i32;
import static dev.tenon.op.shape.Values.i64;
import static dev.tenon.op.shape.Values.ramp;
import static dev.tenon.op.shape.Values.text;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link ConstantOfShape}. */
public final class ConstantOfShapeCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("default", new ConstantOfShape(null), i64(2, 2)).expect(f32(new long[] {2, 2}, 0, 0, 0, 0)),
                OpCase.of("ones", new ConstantOfShape(i64(1)), i64(3)).expect(i64(1, 1, 1)),
                OpCase.of("scalar", new ConstantOfShape(i32(7)), i64()).expect(Tensor.scalar(7)),
                OpCase.of("empty", new ConstantOfShape(i32(7)), i64(0)).expect(i32()),
                OpCase.of("true", new ConstantOfShape(bools(true)), i64(2)).expect(bools(true, true)),
                OpCase.of("strings", new ConstantOfShape(text("a")), i64(2)).expect(text("a", "a")),
                OpCase.of("minus infinity", new ConstantOfShape(f32(Float.NEGATIVE_INFINITY)), i64(9, 37)),
                OpCase.of("packed", new ConstantOfShape(ramp(DType.UINT4, 1)), i64(3))
                        .expect(Tensor.convert(DType.UINT4, new long[] {1, 1, 1})),
                OpCase.of("negative", new ConstantOfShape(null), i64(-1)).fails("dimension -1"),
                OpCase.of("far too large", new ConstantOfShape(null), i64(1L << 40, 1L << 40))
                        .fails("f32[1099511627776,1099511627776]"));
    }
}
