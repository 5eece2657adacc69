package dev.tenon.graph.control;

import dev.tenon.op.OpSet;

/** The operators that hold graphs, a line each. */
public final class ControlOps {
    private static final OpSet SET = OpSet.empty()
            .with(If.SCHEMA, If.class, If::of)
            .with(Loop.SCHEMA, Loop.class, Loop::of)
            .with(Scan.SCHEMA, Scan.class, Scan::of)
            .with(SequenceMap.SCHEMA, SequenceMap.class, SequenceMap::of);

    private ControlOps() {}

    /**
     * All of them.
     *
     * @return the set
     */
    public static OpSet set() {
        return SET;
    }
}
