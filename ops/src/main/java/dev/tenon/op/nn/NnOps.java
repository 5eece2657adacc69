package dev.tenon.op.nn;

import dev.tenon.op.OpList;

/** The operators of this package. */
public final class NnOps {
    private NnOps() {}

    /**
     * Goes through the operators, a line each.
     *
     * @param list who asks
     */
    public static void list(OpList list) {
        if (list.asks("MatMul")) list.add(MatMul.SCHEMA, MatMul.class, MatMul::of);
        if (list.asks("Einsum")) list.add(Einsum.SCHEMA, Einsum.class, Einsum::of);
        if (list.asks("Gemm")) list.add(Gemm.SCHEMA, Gemm.class, Gemm::of);
        if (list.asks("Softmax")) list.add(Softmax.SCHEMA, Softmax.class, Softmax::of);
        if (list.asks("LogSoftmax")) list.add(LogSoftmax.SCHEMA, LogSoftmax.class, LogSoftmax::of);
        if (list.asks("Hardmax")) list.add(Hardmax.SCHEMA, Hardmax.class, Hardmax::of);
        if (list.asks("LayerNormalization"))
            list.add(LayerNormalization.SCHEMA, LayerNormalization.class, LayerNormalization::of);
        if (list.asks("RMSNormalization"))
            list.add(RMSNormalization.SCHEMA, RMSNormalization.class, RMSNormalization::of);
        if (list.asks("BatchNormalization"))
            list.add(BatchNormalization.SCHEMA, BatchNormalization.class, BatchNormalization::of);
        if (list.asks("InstanceNormalization"))
            list.add(InstanceNormalization.SCHEMA, InstanceNormalization.class, InstanceNormalization::of);
        if (list.asks("GroupNormalization"))
            list.add(GroupNormalization.SCHEMA, GroupNormalization.class, GroupNormalization::of);
        if (list.asks("LpNormalization")) list.add(LpNormalization.SCHEMA, LpNormalization.class, LpNormalization::of);
        if (list.asks("MeanVarianceNormalization"))
            list.add(MeanVarianceNormalization.SCHEMA, MeanVarianceNormalization.class, MeanVarianceNormalization::of);
        if (list.asks("LRN")) list.add(LRN.SCHEMA, LRN.class, LRN::of);
        if (list.asks("Dropout")) list.add(Dropout.SCHEMA, Dropout.class, Dropout::of);
        if (list.asks("Conv")) list.add(Conv.SCHEMA, Conv.class, Conv::of);
        if (list.asks("MaxPool")) list.add(MaxPool.SCHEMA, MaxPool.class, MaxPool::of);
        if (list.asks("AveragePool")) list.add(AveragePool.SCHEMA, AveragePool.class, AveragePool::of);
        if (list.asks("GlobalAveragePool"))
            list.add(GlobalAveragePool.SCHEMA, GlobalAveragePool.class, GlobalAveragePool::of);
        if (list.asks("GlobalMaxPool")) list.add(GlobalMaxPool.SCHEMA, GlobalMaxPool.class, GlobalMaxPool::of);
    }
}
