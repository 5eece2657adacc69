package dev.tenon.op.loss;

import dev.tenon.op.OpList;

/** The operators of this package. */
public final class LossOps {
    private LossOps() {}

    /**
     * Goes through the operators, a line each.
     *
     * @param list who asks
     */
    public static void list(OpList list) {
        if (list.asks("NegativeLogLikelihoodLoss"))
            list.add(NegativeLogLikelihoodLoss.SCHEMA, NegativeLogLikelihoodLoss.class, NegativeLogLikelihoodLoss::of);
        if (list.asks("SoftmaxCrossEntropyLoss"))
            list.add(SoftmaxCrossEntropyLoss.SCHEMA, SoftmaxCrossEntropyLoss.class, SoftmaxCrossEntropyLoss::of);
    }
}
