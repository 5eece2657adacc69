package dev.tenon.op.text;

import dev.tenon.op.OpList;
import dev.tenon.op.OpSet;

/** The table of the operators on strings. */
public final class TextOps {
    /** All operators of this package. */
    public static final OpSet SET = OpSet.of(TextOps::list);

    private TextOps() {}

    private static void list(OpList list) {
        if (list.asks("RegexFullMatch")) list.add(RegexFullMatch.SCHEMA, RegexFullMatch.class, RegexFullMatch::of);
        if (list.asks("StringConcat")) list.add(StringConcat.SCHEMA, StringConcat.class, StringConcat::of);
        if (list.asks("StringNormalizer"))
            list.add(StringNormalizer.SCHEMA, StringNormalizer.class, StringNormalizer::of);
        if (list.asks("StringSplit")) list.add(StringSplit.SCHEMA, StringSplit.class, StringSplit::of);
        if (list.asks("TfIdfVectorizer")) list.add(TfIdfVectorizer.SCHEMA, TfIdfVectorizer.class, TfIdfVectorizer::of);
    }
}
