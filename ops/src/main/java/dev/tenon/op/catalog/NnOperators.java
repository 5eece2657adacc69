package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpDefinition;
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
    private static final OpSet ROWS = OpSet.byName(
            Domains.MAIN,
            NnOperators::makeRows,
            "MatMul",
            "Einsum",
            "Gemm",
            "Softmax",
            "LogSoftmax",
            "Hardmax",
            "LayerNormalization",
            "RMSNormalization");
    private static final OpSet CHANNELS = OpSet.byName(
            Domains.MAIN,
            NnOperators::makeChannels,
            "BatchNormalization",
            "InstanceNormalization",
            "GroupNormalization",
            "LpNormalization",
            "MeanVarianceNormalization",
            "LRN",
            "Dropout",
            "Conv",
            "MaxPool",
            "AveragePool",
            "GlobalAveragePool",
            "GlobalMaxPool");

    private NnOperators() {}

    /** Products, and the normalisations of rows. */
    static OpSet rows() {
        return ROWS;
    }

    /** Convolutions, pooling, and the normalisations of channels. */
    static OpSet channels() {
        return CHANNELS;
    }

    private static OpDefinition<?> makeRows(String name) {
        return switch (name) {
            case "MatMul" -> op(new MatMul());
            case "Einsum" -> op(Einsum.SCHEMA, Einsum.class, Einsum::of);
            case "Gemm" -> op(Gemm.SCHEMA, Gemm.class, Gemm::of);
            case "Softmax" -> op(Softmax.SCHEMA, Softmax.class, Softmax::of);
            case "LogSoftmax" -> op(LogSoftmax.SCHEMA, LogSoftmax.class, LogSoftmax::of);
            case "Hardmax" -> op(Hardmax.SCHEMA, Hardmax.class, Hardmax::of);
            case "LayerNormalization" ->
                op(LayerNormalization.SCHEMA, LayerNormalization.class, LayerNormalization::of);
            case "RMSNormalization" -> op(RMSNormalization.SCHEMA, RMSNormalization.class, RMSNormalization::of);
            default -> null;
        };
    }

    private static OpDefinition<?> makeChannels(String name) {
        return switch (name) {
            case "BatchNormalization" ->
                op(BatchNormalization.SCHEMA, BatchNormalization.class, BatchNormalization::of);
            case "InstanceNormalization" ->
                op(InstanceNormalization.SCHEMA, InstanceNormalization.class, InstanceNormalization::of);
            case "GroupNormalization" ->
                op(GroupNormalization.SCHEMA, GroupNormalization.class, GroupNormalization::of);
            case "LpNormalization" -> op(LpNormalization.SCHEMA, LpNormalization.class, LpNormalization::of);
            case "MeanVarianceNormalization" ->
                op(MeanVarianceNormalization.SCHEMA, MeanVarianceNormalization.class, MeanVarianceNormalization::of);
            case "LRN" -> op(LRN.SCHEMA, LRN.class, LRN::of);
            case "Dropout" -> op(Dropout.SCHEMA, Dropout.class, Dropout::of);
            case "Conv" -> op(Conv.SCHEMA, Conv.class, Conv::of);
            case "MaxPool" -> op(MaxPool.SCHEMA, MaxPool.class, MaxPool::of);
            case "AveragePool" -> op(AveragePool.SCHEMA, AveragePool.class, AveragePool::of);
            case "GlobalAveragePool" -> op(new GlobalAveragePool());
            case "GlobalMaxPool" -> op(new GlobalMaxPool());
            default -> null;
        };
    }
}
