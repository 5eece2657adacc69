package dev.tenon.graph.rules.recurrent;

import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Value;
import dev.tenon.graph.control.Loop;
import dev.tenon.graph.control.Scan;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Pattern;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.op.recurrent.GRU;
import dev.tenon.op.recurrent.LSTM;
import dev.tenon.op.recurrent.RNN;
import java.util.List;

/** Replaces loops whose iterations are steps of an LSTM, GRU or RNN cell by that operator. */
public final class RecurrentRules {
    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            Rule.ofAll("loop-lstm", loop(2), RecurrentRules::recurrent)
                    .unless(RecurrentRules::reason)
                    .rounding()
                    .making(LSTM.class),
            Rule.ofAll("loop-gru", loop(1), RecurrentRules::recurrent)
                    .unless(RecurrentRules::reason)
                    .rounding()
                    .making(GRU.class),
            Rule.ofAll("loop-rnn", loop(0), RecurrentRules::recurrent)
                    .unless(RecurrentRules::reason)
                    .rounding()
                    .making(RNN.class));

    private RecurrentRules() {}

    private static Pattern loop(int kind) {
        return op(List.of(Scan.class, Loop.class)).open().where(n -> RecurrentLoop.looksLike(n) == kind);
    }

    private static String reason(Match m) {
        return new RecurrentLoop(m.root()).reason();
    }

    private static List<Value> recurrent(Match m, Emitter to) {
        return new RecurrentLoop(m.root()).build(to);
    }
}
