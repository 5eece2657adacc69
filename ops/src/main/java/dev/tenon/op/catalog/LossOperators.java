package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSet;
import dev.tenon.op.loss.NegativeLogLikelihoodLoss;
import dev.tenon.op.loss.SoftmaxCrossEntropyLoss;

/** Loss functions. */
final class LossOperators {
    private static final OpSet SET =
            OpSet.byName(Domains.MAIN, LossOperators::make, "NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss");

    private LossOperators() {}

    static OpSet set() {
        return SET;
    }

    private static OpDefinition<?> make(String name) {
        return switch (name) {
            case "NegativeLogLikelihoodLoss" ->
                op(NegativeLogLikelihoodLoss.SCHEMA, NegativeLogLikelihoodLoss.class, NegativeLogLikelihoodLoss::of);
            case "SoftmaxCrossEntropyLoss" ->
                op(SoftmaxCrossEntropyLoss.SCHEMA, SoftmaxCrossEntropyLoss.class, SoftmaxCrossEntropyLoss::of);
            default -> null;
        };
    }
}
