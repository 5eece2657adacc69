package dev.tenon.op.shape;

import static dev.tenon.op.shape.Values.f32;
import static dev.tenon.op.shape.Values.i64;
import static dev.tenon.op.shape.Values.i64s;
import static dev.tenon.op.shape.Values.ramp;

import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link ReverseSequence}. */
public final class ReverseSequenceCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "time first",
                                new ReverseSequence(1, 0),
                                f32(new long[] {4, 4}, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15),
                                i64(4, 3, 2, 1))
                        .expect(f32(new long[] {4, 4}, 3, 6, 9, 12, 2, 5, 8, 13, 1, 4, 10, 14, 0, 7, 11, 15)),
                OpCase.of("batch first", new ReverseSequence(0, 1), ramp(DType.INT64, 2, 3, 2), i64(0, 3))
                        .expect(i64s(new long[] {2, 3, 2}, 1, 2, 3, 4, 5, 6, 11, 12, 9, 10, 7, 8)),
                OpCase.of("too long", new ReverseSequence(0, 1), ramp(DType.INT64, 1, 3), i64(4))
                        .fails("length 4 of sequence 0; allowed [0, 3]"),
                OpCase.of("negative", new ReverseSequence(0, 1), ramp(DType.INT64, 1, 3), i64(-1))
                        .fails("length -1"),
                OpCase.of("other batch", new ReverseSequence(0, 1), ramp(DType.INT64, 2, 3), i64(1))
                        .fails("2 and 1 differ"));
    }
}
