package dev.tenon.op.text;

import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link StringConcat}. */
public final class StringConcatCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "broadcast",
                                new StringConcat(),
                                Tensor.of(new String[] {"a", "b"}, 2),
                                Tensor.of(new String[] {"x"}, 1))
                        .expect(Tensor.of(new String[] {"ax", "bx"}, 2)),
                OpCase.of(
                                "column and row",
                                new StringConcat(),
                                Tensor.of(new String[] {"a", "b"}, 2, 1),
                                Tensor.of(new String[] {"x", "y"}, 2))
                        .expect(Tensor.of(new String[] {"ax", "ay", "bx", "by"}, 2, 2)));
    }
}
