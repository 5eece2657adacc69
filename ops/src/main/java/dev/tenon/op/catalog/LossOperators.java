package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpSet;
import dev.tenon.op.loss.NegativeLogLikelihoodLoss;
import dev.tenon.op.loss.SoftmaxCrossEntropyLoss;

/** Loss functions. */
final class LossOperators {
    private static final OpSet SET = OpSet.lazy(Domains.MAIN, LossOperators::make);

    private LossOperators() {}

    static OpSet set() {
        return SET;
    }

    private static OpSet make() {
        return OpSet.of(
                op(NegativeLogLikelihoodLoss.SCHEMA, NegativeLogLikelihoodLoss.class, NegativeLogLikelihoodLoss::of),
                op(SoftmaxCrossEntropyLoss.SCHEMA, SoftmaxCrossEntropyLoss.class, SoftmaxCrossEntropyLoss::of));
    }
}
