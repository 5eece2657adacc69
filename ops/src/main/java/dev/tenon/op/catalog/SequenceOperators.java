package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpSet;
import dev.tenon.op.sequence.ConcatFromSequence;
import dev.tenon.op.sequence.Optional;
import dev.tenon.op.sequence.OptionalGetElement;
import dev.tenon.op.sequence.OptionalHasElement;
import dev.tenon.op.sequence.SequenceAt;
import dev.tenon.op.sequence.SequenceConstruct;
import dev.tenon.op.sequence.SequenceEmpty;
import dev.tenon.op.sequence.SequenceErase;
import dev.tenon.op.sequence.SequenceInsert;
import dev.tenon.op.sequence.SequenceLength;
import dev.tenon.op.sequence.SplitToSequence;

/** Operators on sequences and optionals. */
final class SequenceOperators {
    private static final OpSet SET = OpSet.lazy(Domains.MAIN, SequenceOperators::make);

    private SequenceOperators() {}

    static OpSet set() {
        return SET;
    }

    private static OpSet make() {
        return OpSet.of(
                op(ConcatFromSequence.SCHEMA, ConcatFromSequence.class, ConcatFromSequence::of),
                op(Optional.SCHEMA, Optional.class, Optional::of),
                op(new OptionalGetElement()),
                op(new OptionalHasElement()),
                op(new SequenceAt()),
                op(new SequenceConstruct()),
                op(SequenceEmpty.SCHEMA, SequenceEmpty.class, SequenceEmpty::of),
                op(new SequenceErase()),
                op(new SequenceInsert()),
                op(new SequenceLength()),
                op(SplitToSequence.SCHEMA, SplitToSequence.class, SplitToSequence::of));
    }
}
