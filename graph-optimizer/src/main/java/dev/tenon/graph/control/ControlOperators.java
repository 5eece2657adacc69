package dev.tenon.graph.control;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSet;

/** The operators that hold graphs. */
final class ControlOperators {
    private static final OpSet SET =
            OpSet.byName(Domains.MAIN, ControlOperators::make, "If", "Loop", "Scan", "SequenceMap");

    private ControlOperators() {}

    static OpSet set() {
        return SET;
    }

    private static OpDefinition<?> make(String name) {
        return switch (name) {
            case "If" -> op(If.SCHEMA, If.class, If::of);
            case "Loop" -> op(Loop.SCHEMA, Loop.class, Loop::of);
            case "Scan" -> op(Scan.SCHEMA, Scan.class, Scan::of);
            case "SequenceMap" -> op(SequenceMap.SCHEMA, SequenceMap.class, SequenceMap::of);
            default -> null;
        };
    }
}
