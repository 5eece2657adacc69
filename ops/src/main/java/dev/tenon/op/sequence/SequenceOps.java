package dev.tenon.op.sequence;

import dev.tenon.op.OpList;

/** The table of the operators on sequences and optionals. */
public final class SequenceOps {
    private SequenceOps() {}

    /**
     * Goes through the operators, a line each.
     *
     * @param list who asks
     */
    public static void list(OpList list) {
        if (list.asks("ConcatFromSequence"))
            list.add(ConcatFromSequence.SCHEMA, ConcatFromSequence.class, ConcatFromSequence::of);
        if (list.asks("Optional")) list.add(Optional.SCHEMA, Optional.class, Optional::of);
        if (list.asks("OptionalGetElement"))
            list.add(OptionalGetElement.SCHEMA, OptionalGetElement.class, OptionalGetElement::of);
        if (list.asks("OptionalHasElement"))
            list.add(OptionalHasElement.SCHEMA, OptionalHasElement.class, OptionalHasElement::of);
        if (list.asks("SequenceAt")) list.add(SequenceAt.SCHEMA, SequenceAt.class, SequenceAt::of);
        if (list.asks("SequenceConstruct"))
            list.add(SequenceConstruct.SCHEMA, SequenceConstruct.class, SequenceConstruct::of);
        if (list.asks("SequenceEmpty")) list.add(SequenceEmpty.SCHEMA, SequenceEmpty.class, SequenceEmpty::of);
        if (list.asks("SequenceErase")) list.add(SequenceErase.SCHEMA, SequenceErase.class, SequenceErase::of);
        if (list.asks("SequenceInsert")) list.add(SequenceInsert.SCHEMA, SequenceInsert.class, SequenceInsert::of);
        if (list.asks("SequenceLength")) list.add(SequenceLength.SCHEMA, SequenceLength.class, SequenceLength::of);
        if (list.asks("SplitToSequence")) list.add(SplitToSequence.SCHEMA, SplitToSequence.class, SplitToSequence::of);
    }
}
