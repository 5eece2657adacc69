package dev.tenon.op.quant;

import dev.tenon.op.OpList;
import dev.tenon.op.OpSet;

/** The operators of this package. */
public final class QuantOps {
    /** All of them. */
    public static final OpSet SET = OpSet.of(QuantOps::list);

    private QuantOps() {}

    private static void list(OpList list) {
        if (list.asks("QuantizeLinear")) list.add(QuantizeLinear.SCHEMA, QuantizeLinear.class, QuantizeLinear::of);
        if (list.asks("DequantizeLinear"))
            list.add(DequantizeLinear.SCHEMA, DequantizeLinear.class, DequantizeLinear::of);
        if (list.asks("DynamicQuantizeLinear"))
            list.add(DynamicQuantizeLinear.SCHEMA, DynamicQuantizeLinear.class, DynamicQuantizeLinear::of);
        if (list.asks("MatMulInteger")) list.add(MatMulInteger.SCHEMA, MatMulInteger.class, MatMulInteger::of);
        if (list.asks("QLinearMatMul")) list.add(QLinearMatMul.SCHEMA, QLinearMatMul.class, QLinearMatMul::of);
        if (list.asks("ConvInteger")) list.add(ConvInteger.SCHEMA, ConvInteger.class, ConvInteger::of);
        if (list.asks("QLinearConv")) list.add(QLinearConv.SCHEMA, QLinearConv.class, QLinearConv::of);
    }
}
