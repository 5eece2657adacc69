package dev.tenon.op.text;

import dev.tenon.op.OpList;

/** The table of the operators on strings. */
public final class TextOps {
    private TextOps() {}

    /**
     * Goes through the operators, a line each.
     *
     * @param list who asks
     */
    public static void list(OpList list) {
        if (list.asks("RegexFullMatch")) list.add(RegexFullMatch.SCHEMA, RegexFullMatch.class, RegexFullMatch::of);
        if (list.asks("StringConcat")) list.add(StringConcat.SCHEMA, StringConcat.class, StringConcat::of);
        if (list.asks("StringNormalizer"))
            list.add(StringNormalizer.SCHEMA, StringNormalizer.class, StringNormalizer::of);
        if (list.asks("StringSplit")) list.add(StringSplit.SCHEMA, StringSplit.class, StringSplit::of);
        if (list.asks("TfIdfVectorizer")) list.add(TfIdfVectorizer.SCHEMA, TfIdfVectorizer.class, TfIdfVectorizer::of);
    }
}
