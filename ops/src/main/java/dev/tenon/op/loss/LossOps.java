package dev.tenon.op.loss;

import dev.tenon.op.OpList;
import dev.tenon.op.OpSet;

/** The operators of this package. */
public final class LossOps {
    /** All of them. */
    public static final OpSet SET = OpSet.of(LossOps::list);

    private LossOps() {}

    private static void list(OpList list) {
        if (list.asks("NegativeLogLikelihoodLoss"))
            list.add(NegativeLogLikelihoodLoss.SCHEMA, NegativeLogLikelihoodLoss.class, NegativeLogLikelihoodLoss::of);
        if (list.asks("SoftmaxCrossEntropyLoss"))
            list.add(SoftmaxCrossEntropyLoss.SCHEMA, SoftmaxCrossEntropyLoss.class, SoftmaxCrossEntropyLoss::of);
    }
}
