package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpSet;
import dev.tenon.op.nn.AveragePool;
import dev.tenon.op.nn.BatchNormalization;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Dropout;
import dev.tenon.op.nn.Einsum;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.nn.GlobalMaxPool;
import dev.tenon.op.nn.GroupNormalization;
import dev.tenon.op.nn.Hardmax;
import dev.tenon.op.nn.InstanceNormalization;
import dev.tenon.op.nn.LRN;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.LogSoftmax;
import dev.tenon.op.nn.LpNormalization;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.op.nn.MeanVarianceNormalization;
import dev.tenon.op.nn.RMSNormalization;
import dev.tenon.op.nn.Softmax;

/** Products, convolutions, pooling and normalisations. */
final class NnOperators {
    private static final OpSet ROWS = OpSet.lazy(Domains.MAIN, NnOperators::makeRows);
    private static final OpSet CHANNELS = OpSet.lazy(Domains.MAIN, NnOperators::makeChannels);

    private NnOperators() {}

    /** Products, and the normalisations of rows. */
    static OpSet rows() {
        return ROWS;
    }

    /** Convolutions, pooling, and the normalisations of channels. */
    static OpSet channels() {
        return CHANNELS;
    }

    private static OpSet makeRows() {
        return OpSet.of(
                op(new MatMul()),
                op(Einsum.SCHEMA, Einsum.class, Einsum::of),
                op(Gemm.SCHEMA, Gemm.class, Gemm::of),
                op(Softmax.SCHEMA, Softmax.class, Softmax::of),
                op(LogSoftmax.SCHEMA, LogSoftmax.class, LogSoftmax::of),
                op(Hardmax.SCHEMA, Hardmax.class, Hardmax::of),
                op(LayerNormalization.SCHEMA, LayerNormalization.class, LayerNormalization::of),
                op(RMSNormalization.SCHEMA, RMSNormalization.class, RMSNormalization::of));
    }

    private static OpSet makeChannels() {
        return OpSet.of(
                op(BatchNormalization.SCHEMA, BatchNormalization.class, BatchNormalization::of),
                op(InstanceNormalization.SCHEMA, InstanceNormalization.class, InstanceNormalization::of),
                op(GroupNormalization.SCHEMA, GroupNormalization.class, GroupNormalization::of),
                op(LpNormalization.SCHEMA, LpNormalization.class, LpNormalization::of),
                op(MeanVarianceNormalization.SCHEMA, MeanVarianceNormalization.class, MeanVarianceNormalization::of),
                op(LRN.SCHEMA, LRN.class, LRN::of),
                op(Dropout.SCHEMA, Dropout.class, Dropout::of),
                op(Conv.SCHEMA, Conv.class, Conv::of),
                op(MaxPool.SCHEMA, MaxPool.class, MaxPool::of),
                op(AveragePool.SCHEMA, AveragePool.class, AveragePool::of),
                op(new GlobalAveragePool()),
                op(new GlobalMaxPool()));
    }
}
