package dev.tenon.graph.control;

import dev.tenon.op.OpList;
import dev.tenon.op.OpSet;

/** The operators that hold graphs, one line each. */
public final class ControlOps {
    private static final OpSet SET = OpSet.of(ControlOps::list);

    private ControlOps() {}

    private static void list(OpList list) {
        if (list.asks("If")) list.add(If.SCHEMA, If.class, If::of);
        if (list.asks("Loop")) list.add(Loop.SCHEMA, Loop.class, Loop::of);
        if (list.asks("Scan")) list.add(Scan.SCHEMA, Scan.class, Scan::of);
        if (list.asks("SequenceMap")) list.add(SequenceMap.SCHEMA, SequenceMap.class, SequenceMap::of);
    }

    /**
     * The set of these operators.
     *
     * @return the set
     */
    public static OpSet set() {
        return SET;
    }
}
