package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpSet;
import dev.tenon.op.text.RegexFullMatch;
import dev.tenon.op.text.StringConcat;
import dev.tenon.op.text.StringNormalizer;
import dev.tenon.op.text.StringSplit;
import dev.tenon.op.text.TfIdfVectorizer;

/** Operators on strings. */
final class TextOperators {
    private static final OpSet SET = OpSet.lazy(Domains.MAIN, TextOperators::make);

    private TextOperators() {}

    static OpSet set() {
        return SET;
    }

    private static OpSet make() {
        return OpSet.of(
                op(RegexFullMatch.SCHEMA, RegexFullMatch.class, RegexFullMatch::of),
                op(new StringConcat()),
                op(StringNormalizer.SCHEMA, StringNormalizer.class, StringNormalizer::of),
                op(StringSplit.SCHEMA, StringSplit.class, StringSplit::of),
                op(TfIdfVectorizer.SCHEMA, TfIdfVectorizer.class, TfIdfVectorizer::of));
    }
}
