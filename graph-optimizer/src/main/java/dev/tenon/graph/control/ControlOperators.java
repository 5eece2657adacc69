package dev.tenon.graph.control;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpSet;

/** The operators that hold graphs. */
final class ControlOperators {
    private static final OpSet SET = OpSet.lazy(Domains.MAIN, ControlOperators::make);

    private ControlOperators() {}

    static OpSet set() {
        return SET;
    }

    private static OpSet make() {
        return OpSet.of(
                op(If.SCHEMA, If.class, If::of),
                op(Loop.SCHEMA, Loop.class, Loop::of),
                op(Scan.SCHEMA, Scan.class, Scan::of),
                op(SequenceMap.SCHEMA, SequenceMap.class, SequenceMap::of));
    }
}
