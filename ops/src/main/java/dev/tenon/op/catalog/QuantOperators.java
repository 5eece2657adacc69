package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
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
    private static final OpSet SET = OpSet.lazy(Domains.MAIN, QuantOperators::make);

    private QuantOperators() {}

    /**
     * All of them.
     *
     * @return the set
     */
    public static OpSet set() {
        return SET;
    }

    private static OpSet make() {
        return OpSet.of(
                op(QuantizeLinear.SCHEMA, QuantizeLinear.class, QuantizeLinear::of),
                op(DequantizeLinear.SCHEMA, DequantizeLinear.class, DequantizeLinear::of),
                op(new DynamicQuantizeLinear()),
                op(new MatMulInteger()),
                op(new QLinearMatMul()),
                op(ConvInteger.SCHEMA, ConvInteger.class, ConvInteger::of),
                op(QLinearConv.SCHEMA, QLinearConv.class, QLinearConv::of));
    }
}
