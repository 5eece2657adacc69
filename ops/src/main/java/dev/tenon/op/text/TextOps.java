package dev.tenon.op.text;

import dev.tenon.op.OpSet;

/** The table of the operators on strings. */
public final class TextOps {
    /** All operators of this package. */
    public static final OpSet SET = OpSet.empty()
            .with(RegexFullMatch.SCHEMA, RegexFullMatch.class, RegexFullMatch::of)
            .with(StringConcat.SCHEMA, StringConcat.class, StringConcat::of)
            .with(StringNormalizer.SCHEMA, StringNormalizer.class, StringNormalizer::of)
            .with(StringSplit.SCHEMA, StringSplit.class, StringSplit::of)
            .with(TfIdfVectorizer.SCHEMA, TfIdfVectorizer.class, TfIdfVectorizer::of);

    private TextOps() {}
}
