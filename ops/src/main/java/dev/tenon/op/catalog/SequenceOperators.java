package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpDefinition;
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
    private static final OpSet SET = OpSet.byName(
            Domains.MAIN,
            SequenceOperators::make,
            "ConcatFromSequence",
            "Optional",
            "OptionalGetElement",
            "OptionalHasElement",
            "SequenceAt",
            "SequenceConstruct",
            "SequenceEmpty",
            "SequenceErase",
            "SequenceInsert",
            "SequenceLength",
            "SplitToSequence");

    private SequenceOperators() {}

    static OpSet set() {
        return SET;
    }

    private static OpDefinition<?> make(String name) {
        return switch (name) {
            case "ConcatFromSequence" ->
                op(ConcatFromSequence.SCHEMA, ConcatFromSequence.class, ConcatFromSequence::of);
            case "Optional" -> op(Optional.SCHEMA, Optional.class, Optional::of);
            case "OptionalGetElement" -> op(new OptionalGetElement());
            case "OptionalHasElement" -> op(new OptionalHasElement());
            case "SequenceAt" -> op(new SequenceAt());
            case "SequenceConstruct" -> op(new SequenceConstruct());
            case "SequenceEmpty" -> op(SequenceEmpty.SCHEMA, SequenceEmpty.class, SequenceEmpty::of);
            case "SequenceErase" -> op(new SequenceErase());
            case "SequenceInsert" -> op(new SequenceInsert());
            case "SequenceLength" -> op(new SequenceLength());
            case "SplitToSequence" -> op(SplitToSequence.SCHEMA, SplitToSequence.class, SplitToSequence::of);
            default -> null;
        };
    }
}
