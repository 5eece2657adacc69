package dev.tenon.op.quant;

import dev.tenon.op.OpList;

/** The operators of this package. */
public final class QuantOps {
    private QuantOps() {}

    /**
     * Goes through the operators, a line each.
     *
     * @param list who asks
     */
    public static void list(OpList list) {
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
