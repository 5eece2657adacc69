package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Operators on strings. */
class TextDifferentialTest extends Family {
    private static final String[] ATOMS = {
        "a",
        "b",
        "K",
        "\\w",
        "\\W",
        "\\d",
        "\\D",
        "\\s",
        "\\S",
        ".",
        "[ab]",
        "[^a]",
        "[a-c_]",
        "[[:alpha:]]",
        "[[:^upper:]]",
        "[\\W\\d]",
        "\\pL",
        "\\PL",
        "\\p{Lu}",
        "\\p{^Lu}",
        "\\p{Greek}",
        "[\\p{Ll}\\n]",
        "\\x61",
        "\\x{3c3}",
        "\\n",
        "\\.",
        "\\101",
        "\\Qa.\\E",
        "é",
        "σ",
        "k",
        "[k-σ]",
        "[^\\x00-\\x7f]",
        "_",
        "{",
        "a{,2}",
        "]",
        "-"
    };
    private static final String[] ASSERTIONS = {"\\b", "\\B", "^", "$", "\\A", "\\z"};
    private static final String[] GROUPS = {"(?i:", "(?s:", "(?m:", "(?im-s:", "(?U:", "(?:", "("};
    private static final String[] REPEATS = {"*", "+", "?", "*?", "+?", "??", "{2}", "{0,2}", "{1,}", "{2,3}?", "{0}"};
    private static final String LETTERS = "abK_ 1é\nσςΣkſ\u212AB.{";

    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = new LinkedHashMap<>();
        all.put("RegexFullMatch", TextDifferentialTest::regex);
        all.put("StringNormalizer", TextDifferentialTest::normalizer);
        all.put("TfIdfVectorizer", TextDifferentialTest::grams);
        return all;
    }

    private static OperatorModel regex(Draw draw) {
        Tensor x = Tensor.allocate(DType.STRING, draw.fullDims(1, 2));
        for (long i = 0; i < x.size(); i++) {
            x.setString(i, text(draw));
        }
        return OperatorModel.of("RegexFullMatch")
                .input(x)
                .attribute(
                        "pattern",
                        (draw.chance(30) ? draw.pick("(?i)", "(?s)", "(?m)", "(?ms)") : "") + pattern(draw, 3));
    }

    private static String text(Draw draw) {
        StringBuilder text = new StringBuilder();
        boolean few = draw.chance(50);
        for (int i = draw.between(0, 7); i > 0; i--) {
            text.append(LETTERS.charAt(draw.between(0, few ? 2 : LETTERS.length() - 1)));
        }
        return text.toString();
    }

    private static String pattern(Draw draw, int depth) {
        if (depth == 0) {
            return draw.chance(15) ? draw.pick(ASSERTIONS) : draw.pick(ATOMS);
        }
        String one = pattern(draw, depth - 1);
        return switch (draw.between(0, 5)) {
            case 0 -> "(?:" + one + "|" + pattern(draw, depth - 1) + ")";
            case 1 -> draw.pick(GROUPS) + one + ")";
            case 2, 3 -> "(?:" + one + ")" + draw.pick(REPEATS);
            default -> one + pattern(draw, depth - 1);
        };
    }

    private static OperatorModel normalizer(Draw draw) {
        String[] words = {"a", "A", "monday", "Monday", "", "b 1", "TUE"};
        Tensor x = draw.chance(50)
                ? Tensor.allocate(DType.STRING, draw.positive())
                : Tensor.allocate(DType.STRING, 1, draw.positive());
        for (long i = 0; i < x.size(); i++) {
            x.setString(i, draw.pick(words));
        }
        return OperatorModel.of("StringNormalizer")
                .input(x)
                .attribute("case_change_action", draw.pick("NONE", "LOWER", "UPPER"))
                .attribute("is_case_sensitive", draw.pick(0L, 1L))
                .attribute("locale", "C")
                .attribute("stopwords", draw.pick(null, new String[] {"a", "monday"}, new String[] {"TUE", ""}));
    }

    private static OperatorModel grams(Draw draw) {
        boolean texts = draw.chance(40);
        List<Long> ones = List.of(1L, 2L, 4L);
        List<Long> pool = List.of(1L, 2L, 4L, 1L, 2L, 2L, 1L, 3L, 3L, 1L, 1L, 1L, 2L, 1L, 2L);
        long[] starts = {0, ones.size(), 9};
        int grams = 3 + 3 + 2;
        int[] order = draw.permutation(grams);
        long[] indexes = new long[grams];
        for (int i = 0; i < grams; i++) {
            indexes[i] = order[i];
        }
        long least = draw.between(1, 3);
        Tensor x = draw.whole(
                texts ? DType.STRING : draw.chance(50) ? DType.INT32 : DType.INT64, 1, 4, draw.fullDims(1, 2));
        return OperatorModel.of("TfIdfVectorizer")
                .input(x)
                .attribute("mode", draw.pick("TF", "IDF", "TFIDF"))
                .attribute("min_gram_length", least)
                .attribute("max_gram_length", draw.longBetween(least, 3))
                .attribute("max_skip_count", (long) draw.between(0, 4))
                .attribute("ngram_counts", starts)
                .attribute("ngram_indexes", indexes)
                .attribute(
                        texts ? "pool_strings" : "pool_int64s",
                        texts
                                ? pool.stream().map(String::valueOf).toArray(String[]::new)
                                : pool.stream().mapToLong(Long::longValue).toArray())
                .attribute(
                        "weights",
                        draw.chance(50) ? draw.tame(DType.FLOAT32, grams).toFloatArray() : null);
    }
}
