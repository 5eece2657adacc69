package dev.tenon.op.sequence;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorSequence;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link SequenceEmpty}. */
public final class SequenceEmptyCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("of integers", new SequenceEmpty(DType.INT64))
                        .expect(TensorSequence.empty(new TensorType(DType.INT64, Shape.unknownRank()))),
                OpCase.of("of floats", new SequenceEmpty(DType.FLOAT32))
                        .expect(TensorSequence.empty(new TensorType(DType.FLOAT32, Shape.unknownRank()))));
    }
}
