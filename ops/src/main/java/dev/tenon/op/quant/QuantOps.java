package dev.tenon.op.quant;

import dev.tenon.op.OpSet;

/** The operators of this package. */
public final class QuantOps {
    /** All of them. */
    public static final OpSet SET = OpSet.empty()
            .with(QuantizeLinear.SCHEMA, QuantizeLinear.class, QuantizeLinear::of)
            .with(DequantizeLinear.SCHEMA, DequantizeLinear.class, DequantizeLinear::of)
            .with(DynamicQuantizeLinear.SCHEMA, DynamicQuantizeLinear.class, DynamicQuantizeLinear::of)
            .with(MatMulInteger.SCHEMA, MatMulInteger.class, MatMulInteger::of)
            .with(QLinearMatMul.SCHEMA, QLinearMatMul.class, QLinearMatMul::of)
            .with(ConvInteger.SCHEMA, ConvInteger.class, ConvInteger::of)
            .with(QLinearConv.SCHEMA, QLinearConv.class, QLinearConv::of);

    private QuantOps() {}
}
