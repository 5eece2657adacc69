package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSet;
import dev.tenon.op.recurrent.GRU;
import dev.tenon.op.recurrent.LSTM;
import dev.tenon.op.recurrent.RNN;

/** Recurrent networks. */
final class RecurrentOperators {
    private static final OpSet SET = OpSet.byName(Domains.MAIN, RecurrentOperators::make, "RNN", "LSTM", "GRU");

    private RecurrentOperators() {}

    static OpSet set() {
        return SET;
    }

    private static OpDefinition<?> make(String name) {
        return switch (name) {
            case "RNN" -> op(RNN.SCHEMA, RNN.class, RNN::of);
            case "LSTM" -> op(LSTM.SCHEMA, LSTM.class, LSTM::of);
            case "GRU" -> op(GRU.SCHEMA, GRU.class, GRU::of);
            default -> null;
        };
    }
}
