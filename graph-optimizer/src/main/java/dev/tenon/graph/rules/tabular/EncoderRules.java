package dev.tenon.graph.rules.tabular;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.op.tabular.CategoryMapper;
import dev.tenon.op.tabular.LabelEncoder;
import dev.tenon.op.tabular.OneHotEncoder;
import dev.tenon.op.text.TfIdfVectorizer;
import dev.tenon.tensor.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Encoders of strings as a LabelEncoder, which numbers the strings, and an encoder of numbers, which has kernels. All give the same
 * bits.
 */
public final class EncoderRules {
    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            Rule.of(
                            "category-numbers",
                            op(CategoryMapper.class, any("x")),
                            (m, to) -> to.add(labels(m.rootOp(CategoryMapper.class)), m.value("x")))
                    .unless(m -> ofStrings(m) ? null : "the results are strings"),
            Rule.of("one-hot-numbers", op(OneHotEncoder.class, any("x")), EncoderRules::oneHot)
                    .unless(EncoderRules::refuseOneHot),
            Rule.of("token-numbers", op(TfIdfVectorizer.class, any("x")), EncoderRules::tokens)
                    .unless(m -> ofStrings(m) ? null : "the tokens are numbers"));

    private EncoderRules() {}

    private static boolean ofStrings(Match m) {
        return m.value("x").tensorType().dtype() == DType.STRING;
    }

    private static LabelEncoder labels(CategoryMapper op) {
        return new LabelEncoder(
                DType.STRING, List.copyOf(op.strings()), DType.INT64, List.copyOf(op.integers()), op.otherInteger());
    }

    /** Numbers strings by their place in a list, the last one of equal strings. Others get -1. */
    private static Value numbered(Emitter to, List<String> strings, Value x) {
        List<Object> numbers = new ArrayList<>(numbers(strings.size()));
        return to.add(new LabelEncoder(DType.STRING, List.copyOf(strings), DType.INT64, numbers, -1L), x);
    }

    private static List<Long> numbers(int count) {
        return LongStream.range(0, count).boxed().toList();
    }

    private static String refuseOneHot(Match m) {
        if (!ofStrings(m)) {
            return "the categories are numbers";
        }
        return m.rootOp(OneHotEncoder.class).zeros() ? null : "an error names the string that is no category";
    }

    private static Value oneHot(Match m, Emitter to) {
        List<String> strings = m.rootOp(OneHotEncoder.class).strings();
        OneHotEncoder ofNumbers = new OneHotEncoder(numbers(strings.size()), List.of(), true);
        return to.add(ofNumbers, numbered(to, strings, m.value("x")));
    }

    private static Value tokens(Match m, Emitter to) {
        TfIdfVectorizer op = m.rootOp(TfIdfVectorizer.class);
        List<String> tokens = List.copyOf(new LinkedHashSet<>(op.strings()));
        Map<String, Long> codes = new HashMap<>();
        for (int i = 0; i < tokens.size(); i++) {
            codes.put(tokens.get(i), (long) i);
        }
        TfIdfVectorizer ofNumbers = new TfIdfVectorizer(
                op.mode(),
                op.least(),
                op.most(),
                op.maxSkip(),
                op.starts(),
                op.indexes(),
                op.strings().stream().map(codes::get).toList(),
                null,
                op.weights());
        return to.add(ofNumbers, numbered(to, tokens, m.value("x")));
    }
}
