package dev.tenon.op.tabular;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link CategoryMapper}. */
public final class CategoryMapperCases implements OpCases {
    private static CategoryMapper op() {
        return new CategoryMapper(List.of(7L, -3L), List.of("a", "b"), 99, "?");
    }

    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("strings", op(), Tensor.of(new String[] {"b", "x", "a", "B"}, 2, 2))
                        .expect(i64(dims(2, 2), -3, 99, 7, 99)),
                OpCase.of("integers", op(), i64(dims(3), -3, 0, 7)).expect(Tensor.of(new String[] {"b", "?", "a"})),
                OpCase.of(
                                "defaults",
                                CategoryMapper.of(Attributes.none()
                                        .with("cats_strings", List.of("a"))
                                        .with("cats_int64s", List.of(5L))),
                                i64(dims(2), 5, 6))
                        .expect(Tensor.of(new String[] {"a", "_Unused"})),
                OpCase.of("floats", op(), f32(dims(1), 1)).fails("element type"));
    }
}
