package dev.tenon.op.text;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.i64;

import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link StringSplit}. */
public final class StringSplitCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("white space", new StringSplit(null, -1), Tensor.of(new String[] {" a  b ", "c"}, 2))
                        .expect(Tensor.of(new String[] {"a", "b", "c", ""}, 2, 2), i64(dims(2), 2, 1)),
                OpCase.of("delimiter, once", new StringSplit("--", 1), Tensor.of(new String[] {"a--b--c", "d"}, 2))
                        .expect(Tensor.of(new String[] {"a", "b--c", "d", ""}, 2, 2), i64(dims(2), 2, 1)),
                OpCase.of("delimiters in a row", new StringSplit("-", -1), Tensor.of(new String[] {"a--"}, 1))
                        .expect(Tensor.of(new String[] {"a", "", ""}, 1, 3), i64(dims(1), 3)));
    }
}
