package dev.tenon;

import dev.tenon.graph.control.ControlOps;
import dev.tenon.op.CoreOps;
import dev.tenon.op.OpSet;

/** The operators that every model may use: operators on tensors, and control operators. */
final class StandardOperators {
    private StandardOperators() {}

    static OpSet set() {
        return CoreOps.set().plus(ControlOps.set());
    }
}
