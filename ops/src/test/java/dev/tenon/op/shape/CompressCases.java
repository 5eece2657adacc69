package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.bools;
import static dev.tenon.op.shape.Values.f32;
import static dev.tenon.op.shape.Values.ramp;
import static dev.tenon.op.shape.Values.text;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Compress}. */
public final class CompressCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("rows", new Compress(0), ramp(DType.FLOAT32, 3, 2), bools(false, true, true))
                        .expect(f32(new long[] {2, 2}, 3, 4, 5, 6)),
                OpCase.of("columns", new Compress(-1), ramp(DType.FLOAT32, 3, 2), bools(false, true))
                        .expect(f32(new long[] {3, 1}, 2, 4, 6)),
                OpCase.of(
                                "flattened",
                                new Compress(null),
                                ramp(DType.FLOAT32, 3, 2),
                                bools(false, true, false, false, true))
                        .expect(f32(2, 5)),
                OpCase.of("short condition", new Compress(0), text("a", "b", "c"), bools(true))
                        .expect(text("a")),
                OpCase.of("none", new Compress(0), ramp(DType.INT8, 2, 2), bools(false, false))
                        .expect(ramp(DType.INT8, 0, 2)),
                OpCase.of("condition too long", new Compress(0), ramp(DType.INT8, 2, 2), bools(true, true, true))
                        .fails("3 elements; allowed at most 2"),
                OpCase.of("axis outside", new Compress(2), ramp(DType.INT8, 2, 2), bools(true))
                        .fails("[-2, 1]"));
    }
}
