package dev.tenon.op.text;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link StringNormalizer}. */
public final class StringNormalizerCases implements OpCases {
    private static Tensor strings(String... values) {
        return Tensor.of(values);
    }

    private static StringNormalizer op(String change, boolean sensitive, String... stopwords) {
        return new StringNormalizer(change, sensitive, null, List.of(stopwords));
    }

    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("stop word by case", op("LOWER", true, "monday"), strings("monday", "Monday", "TUESDAY"))
                        .expect(strings("monday", "tuesday")),
                OpCase.of("stop word of any case", op("UPPER", false, "Monday"), strings("monday", "MONDAY", "tuesday"))
                        .expect(strings("TUESDAY")),
                OpCase.of("unchanged", op("NONE", false, "b"), strings("A", "B", "c"))
                        .expect(strings("A", "c")),
                OpCase.of(
                                "a row",
                                op("UPPER", false, "monday"),
                                Tensor.of(new String[] {"Monday", "tuesday", "Monday", "wednesday"}, 1, 4))
                        .expect(Tensor.of(new String[] {"TUESDAY", "WEDNESDAY"}, 1, 2)),
                OpCase.of("nothing left", op("UPPER", true, "monday"), strings("monday", "monday"))
                        .expect(strings("")),
                OpCase.of(
                                "nothing left of a row",
                                op("NONE", true, "monday"),
                                Tensor.of(new String[] {"monday", "monday"}, 1, 2))
                        .expect(Tensor.of(new String[] {""}, 1, 1)),
                OpCase.of("no strings", op("NONE", true), Tensor.of(new String[0]))
                        .expect(strings("")),
                OpCase.of("empty strings stay", op("LOWER", false, "x"), strings("", "A", "x"))
                        .expect(strings("", "a")),
                OpCase.of(
                                "the dotted capital of Turkish",
                                new StringNormalizer("UPPER", false, "tr_TR.UTF-8", List.of()),
                                strings("istanbul", "ılık"))
                        .expect(strings("\u0130STANBUL", "ILIK")),
                OpCase.of("accents", op("UPPER", false, "\u00c9T\u00c9"), strings("\u00e9t\u00e9", "l'\u00e2me"))
                        .expect(strings("L'\u00c2ME")),
                OpCase.of("two rows", op("NONE", true), Tensor.of(new String[] {"a", "b"}, 2, 1))
                        .fails("[1,?]"),
                OpCase.of("rank 3", op("NONE", true), Tensor.allocate(DType.STRING, 1, 1, 1))
                        .fails("rank 1 or rank 2"));
    }
}
