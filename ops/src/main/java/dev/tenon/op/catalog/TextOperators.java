package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSet;
import dev.tenon.op.text.RegexFullMatch;
import dev.tenon.op.text.StringConcat;
import dev.tenon.op.text.StringNormalizer;
import dev.tenon.op.text.StringSplit;
import dev.tenon.op.text.TfIdfVectorizer;

/** Operators on strings. */
final class TextOperators {
    private static final OpSet SET = OpSet.byName(
            Domains.MAIN,
            TextOperators::make,
            "RegexFullMatch",
            "StringConcat",
            "StringNormalizer",
            "StringSplit",
            "TfIdfVectorizer");

    private TextOperators() {}

    static OpSet set() {
        return SET;
    }

    private static OpDefinition<?> make(String name) {
        return switch (name) {
            case "RegexFullMatch" -> op(RegexFullMatch.SCHEMA, RegexFullMatch.class, RegexFullMatch::of);
            case "StringConcat" -> op(new StringConcat());
            case "StringNormalizer" -> op(StringNormalizer.SCHEMA, StringNormalizer.class, StringNormalizer::of);
            case "StringSplit" -> op(StringSplit.SCHEMA, StringSplit.class, StringSplit::of);
            case "TfIdfVectorizer" -> op(TfIdfVectorizer.SCHEMA, TfIdfVectorizer.class, TfIdfVectorizer::of);
            default -> null;
        };
    }
}
