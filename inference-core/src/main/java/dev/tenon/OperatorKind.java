package dev.tenon;

import dev.tenon.graph.GraphOp;
import dev.tenon.op.Op;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.TransposedMatMul;
import dev.tenon.op.math.Elementwise;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Einsum;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.quant.ConvInteger;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.op.quant.QLinearMatMul;
import dev.tenon.op.vision.ConvTranspose;

/** The kinds of operators that have different colours on the page. */
final class OperatorKind {
    private OperatorKind() {}

    /** The kind of an operator. {@code inspection.html} has a colour for each kind. */
    static String of(Op op) {
        return switch (op) {
            case GraphOp g -> "control";
            case Fused f when f.isRowWise() -> of(f.anchor().op());
            case Fused f -> f.anchor() != null ? "product" : "elementwise";
            case ChannelsLast c -> of(c.op());
            case MatMul m -> "product";
            case Gemm g -> "product";
            case TransposedMatMul m -> "product";
            case Conv c -> "product";
            case ConvTranspose c -> "product";
            case Einsum e -> "product";
            case MatMulInteger m -> "product";
            case ConvInteger c -> "product";
            case QLinearConv c -> "product";
            case QLinearMatMul m -> "product";
            case Attention a -> "attention";
            case Elementwise e -> "elementwise";
            default -> ofFamily(op.getClass().getPackageName());
        };
    }

    private static String ofFamily(String family) {
        return switch (family.substring(family.lastIndexOf('.') + 1)) {
            case "nn", "reduce" -> "norm";
            case "attention" -> "attention";
            case "recurrent" -> "recurrent";
            case "quant" -> "quant";
            case "shape" -> "move";
            default -> "other";
        };
    }
}
