package dev.tenon.op.sequence;

import dev.tenon.op.OpSet;

/** The table of the operators on sequences and optionals. */
public final class SequenceOps {
    /** All operators of this package. */
    public static final OpSet SET = OpSet.empty()
            .with(ConcatFromSequence.SCHEMA, ConcatFromSequence.class, ConcatFromSequence::of)
            .with(Optional.SCHEMA, Optional.class, Optional::of)
            .with(OptionalGetElement.SCHEMA, OptionalGetElement.class, OptionalGetElement::of)
            .with(OptionalHasElement.SCHEMA, OptionalHasElement.class, OptionalHasElement::of)
            .with(SequenceAt.SCHEMA, SequenceAt.class, SequenceAt::of)
            .with(SequenceConstruct.SCHEMA, SequenceConstruct.class, SequenceConstruct::of)
            .with(SequenceEmpty.SCHEMA, SequenceEmpty.class, SequenceEmpty::of)
            .with(SequenceErase.SCHEMA, SequenceErase.class, SequenceErase::of)
            .with(SequenceInsert.SCHEMA, SequenceInsert.class, SequenceInsert::of)
            .with(SequenceLength.SCHEMA, SequenceLength.class, SequenceLength::of)
            .with(SplitToSequence.SCHEMA, SplitToSequence.class, SplitToSequence::of);

    private SequenceOps() {}
}
