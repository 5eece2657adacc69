package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.f32;
import static dev.tenon.op.shape.Values.i64;
import static dev.tenon.op.shape.Values.ramp;
import static dev.tenon.op.shape.Values.text;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link Split}. */
public final class SplitCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("equal", new Split(0, 2), i64(1, 2, 3, 4)).outputs(2).expect(i64(1, 2), i64(3, 4)),
                OpCase.of("last smaller", new Split(0, 3), i64(1, 2, 3, 4, 5, 6, 7))
                        .outputs(3)
                        .expect(i64(1, 2, 3), i64(4, 5, 6), i64(7)),
                OpCase.of("sizes", new Split(1, 0), ramp(DType.FLOAT32, 2, 6), i64(2, 4))
                        .outputs(2)
                        .expect(f32(new long[] {2, 2}, 1, 2, 7, 8), f32(new long[] {2, 4}, 3, 4, 5, 6, 9, 10, 11, 12)),
                OpCase.of("as many as outputs", new Split(-1, 0), ramp(DType.INT16, 3, 4))
                        .outputs(4),
                OpCase.of("empty piece", new Split(0, 0), i64(1, 2), i64(0, 2))
                        .outputs(2)
                        .expect(i64(), i64(1, 2)),
                OpCase.of("three heads", new Split(2, 3), ramp(DType.FLOAT32, 2, 5, 96))
                        .outputs(3),
                OpCase.of("strings", new Split(0, 2), text("a", "b")).outputs(2).expect(text("a"), text("b")),
                OpCase.of("wrong sum", new Split(0, 0), i64(1, 2, 3), i64(1, 1))
                        .outputs(2)
                        .fails("adds up to 2"),
                OpCase.of("wrong count", new Split(0, 0), i64(1, 2, 3), i64(1, 1, 1))
                        .outputs(2)
                        .fails("3 sizes"),
                OpCase.of("negative size", new Split(0, 0), i64(1, 2, 3), i64(-1, 4))
                        .outputs(2)
                        .fails("size -1"),
                OpCase.of("last piece empty", new Split(0, 4), i64(1, 2, 3, 4, 5))
                        .outputs(4)
                        .expect(i64(1, 2), i64(3, 4), i64(5), i64()),
                OpCase.of("both", new Split(0, 2), i64(1, 2), i64(1, 1))
                        .outputs(2)
                        .fails("both 'split' and num_outputs"),
                OpCase.of("other number of outputs", new Split(0, 2), i64(1, 2, 3))
                        .outputs(3)
                        .fails("num_outputs is 2 for 3 outputs"));
    }
}
