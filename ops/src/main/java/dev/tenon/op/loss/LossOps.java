package dev.tenon.op.loss;

import dev.tenon.op.OpSet;

/** The operators of this package. */
public final class LossOps {
    /** All of them. */
    public static final OpSet SET = OpSet.empty()
            .with(NegativeLogLikelihoodLoss.SCHEMA, NegativeLogLikelihoodLoss.class, NegativeLogLikelihoodLoss::of)
            .with(SoftmaxCrossEntropyLoss.SCHEMA, SoftmaxCrossEntropyLoss.class, SoftmaxCrossEntropyLoss::of);

    private LossOps() {}
}
