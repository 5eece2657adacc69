package dev.tenon.op.text;

import dev.tenon.op.OpSet;

/** The table of the operators on strings. */
public final class TextOps {
    /** All operators of this package. */
    public static final OpSet SET = OpSet.empty()
            .with(StringConcat.SCHEMA, StringConcat.class, StringConcat::of)
            .with(StringSplit.SCHEMA, StringSplit.class, StringSplit::of);

    private TextOps() {}
}
