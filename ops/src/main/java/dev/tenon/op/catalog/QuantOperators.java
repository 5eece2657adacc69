package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSet;
import dev.tenon.op.quant.ConvInteger;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.quant.DynamicQuantizeLinear;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.op.quant.QLinearMatMul;
import dev.tenon.op.quant.QuantizeLinear;

/** Quantised operators. */
public final class QuantOperators {
    private static final OpSet SET = OpSet.byName(
            Domains.MAIN,
            QuantOperators::make,
            "QuantizeLinear",
            "DequantizeLinear",
            "DynamicQuantizeLinear",
            "MatMulInteger",
            "QLinearMatMul",
            "ConvInteger",
            "QLinearConv");

    private QuantOperators() {}

    /**
     * All of them.
     *
     * @return the set
     */
    public static OpSet set() {
        return SET;
    }

    private static OpDefinition<?> make(String name) {
        return switch (name) {
            case "QuantizeLinear" -> op(QuantizeLinear.SCHEMA, QuantizeLinear.class, QuantizeLinear::of);
            case "DequantizeLinear" -> op(DequantizeLinear.SCHEMA, DequantizeLinear.class, DequantizeLinear::of);
            case "DynamicQuantizeLinear" -> op(new DynamicQuantizeLinear());
            case "MatMulInteger" -> op(new MatMulInteger());
            case "QLinearMatMul" -> op(new QLinearMatMul());
            case "ConvInteger" -> op(ConvInteger.SCHEMA, ConvInteger.class, ConvInteger::of);
            case "QLinearConv" -> op(QLinearConv.SCHEMA, QLinearConv.class, QLinearConv::of);
            default -> null;
        };
    }
}
