package dev.tenon.op.nn;

import dev.tenon.op.OpSet;

/** The operators of this package. */
public final class NnOps {
    /** All of them. */
    public static final OpSet SET = OpSet.empty()
            .with(MatMul.SCHEMA, MatMul.class, MatMul::of)
            .with(Einsum.SCHEMA, Einsum.class, Einsum::of)
            .with(Gemm.SCHEMA, Gemm.class, Gemm::of)
            .with(Softmax.SCHEMA, Softmax.class, Softmax::of)
            .with(LogSoftmax.SCHEMA, LogSoftmax.class, LogSoftmax::of)
            .with(Hardmax.SCHEMA, Hardmax.class, Hardmax::of)
            .with(LayerNormalization.SCHEMA, LayerNormalization.class, LayerNormalization::of)
            .with(RMSNormalization.SCHEMA, RMSNormalization.class, RMSNormalization::of)
            .with(BatchNormalization.SCHEMA, BatchNormalization.class, BatchNormalization::of)
            .with(InstanceNormalization.SCHEMA, InstanceNormalization.class, InstanceNormalization::of)
            .with(GroupNormalization.SCHEMA, GroupNormalization.class, GroupNormalization::of)
            .with(LpNormalization.SCHEMA, LpNormalization.class, LpNormalization::of)
            .with(MeanVarianceNormalization.SCHEMA, MeanVarianceNormalization.class, MeanVarianceNormalization::of)
            .with(LRN.SCHEMA, LRN.class, LRN::of)
            .with(Dropout.SCHEMA, Dropout.class, Dropout::of)
            .with(Conv.SCHEMA, Conv.class, Conv::of)
            .with(MaxPool.SCHEMA, MaxPool.class, MaxPool::of)
            .with(AveragePool.SCHEMA, AveragePool.class, AveragePool::of)
            .with(GlobalAveragePool.SCHEMA, GlobalAveragePool.class, GlobalAveragePool::of)
            .with(GlobalMaxPool.SCHEMA, GlobalMaxPool.class, GlobalMaxPool::of);

    private NnOps() {}
}
