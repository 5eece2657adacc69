package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpSet;
import dev.tenon.op.recurrent.GRU;
import dev.tenon.op.recurrent.LSTM;
import dev.tenon.op.recurrent.RNN;

/** Recurrent networks. */
final class RecurrentOperators {
    private static final OpSet SET = OpSet.lazy(Domains.MAIN, RecurrentOperators::make);

    private RecurrentOperators() {}

    static OpSet set() {
        return SET;
    }

    private static OpSet make() {
        return OpSet.of(
                op(RNN.SCHEMA, RNN.class, RNN::of),
                op(LSTM.SCHEMA, LSTM.class, LSTM::of),
                op(GRU.SCHEMA, GRU.class, GRU::of));
    }
}
