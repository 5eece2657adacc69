package dev.tenon.formats.onnx;

import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The lines of recurrent operators, attention, signals, losses and random numbers, of what is near to them, and of
 * Dropout where it draws at random.
 */
final class RecurrentLines {
    private RecurrentLines() {}

    static void add(LineList list) {
        if (list.asks("RNN", "LSTM", "GRU")) list.older(1, 7, RecurrentLines::withoutOutputSequence);
        if (list.asks("Attention")) list.line(23, RecurrentLines::attention);
        list.same(23, "RotaryEmbedding");
        list.same(24, "TensorScatter");
        list.same(27, "CausalConvWithState", "LinearAttention");
        list.same(28, "SwiGLU");
        if (list.asks("DFT")) {
            list.line(17, 19, RecurrentLines::dftByAttribute);
            list.line(20, NodeLowering::unchanged);
        }
        list.same(17, "BlackmanWindow", "HammingWindow", "HannWindow", "MelWeightMatrix", "STFT");
        list.same(12, "NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss");
        list.same(1, "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike");
        list.same(7, "Multinomial");
        list.same(15, "Bernoulli");
        list.same(9, "Shrink");
        list.same(11, "Unique");
        list.same(12, "Einsum");
        list.same(26, "BitCast", "CumProd");
        // An experiment that became Slice-10.
        if (list.asks("DynamicSlice")) list.line(1, 9, RecurrentLines::dynamicSlice);
    }

    /**
     * As first released, versions 23 and 24 let mode 1 of the scores stand for those with the mask; later it became those
     * after softcap, which without softcap nobody needs. So without softcap it is the former.
     */
    private static List<Value> attention(NodeLowering node) {
        Attributes a = node.attributes();
        boolean masked = node.version() < 25 && a.integer("qk_matmul_output_mode", 0) == 1 && a.real("softcap", 0) == 0;
        return masked ? node.with(a.with("qk_matmul_output_mode", 2L)) : node.unchanged();
    }

    /** Since version 7, which outputs are made follows from their names. */
    private static List<Value> withoutOutputSequence(NodeLowering node) {
        return node.with(Lowerings.without(node.attributes(), "output_sequence"));
    }

    private static List<Value> dftByAttribute(NodeLowering node) {
        Value axis = node.constant(Tensor.scalar(node.attributes().integer("axis", 1)));
        return node.finish("DFT", Lowerings.without(node.attributes(), "axis"), node.input(0), node.input(1), axis);
    }

    private static List<Value> dynamicSlice(NodeLowering node) {
        return node.finish("Slice", Attributes.none(), node.input(0), node.input(1), node.input(2), node.input(3));
    }

    /**
     * Dropout, which is canonical where it is known to drop nothing. Otherwise an element is kept where a random number
     * from [0, 1) is not below the ratio, and divided by one less the ratio.
     */
    static List<Value> dropout(NodeLowering node) {
        Value ratio = node.input(1);
        Value training = node.input(2);
        if (training == null || isFalse(training) || ratio != null && isZero(ratio)) {
            return node.unchanged();
        }
        DType type = node.dtype(0);
        DType wide = type == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
        Value zero = constant(node, wide, 0);
        Value one = constant(node, wide, 1);
        Value given = ratio == null ? constant(node, wide, 0.5) : cast(node, ratio, wide);
        Value active = node.add("Where", Attributes.none(), training, given, zero);
        Attributes random = to("dtype", wide);
        if (node.attributes().has("seed")) {
            random = random.with("seed", (double) node.attributes().integer("seed", 0));
        }
        Value numbers = node.add("RandomUniformLike", random, node.input(0));
        Value kept = node.add("GreaterOrEqual", Attributes.none(), numbers, active);
        Value rest = node.add("Sub", Attributes.none(), one, active);
        Value x = cast(node, node.input(0), wide);
        Value scaled = node.add("Div", Attributes.none(), x, rest);
        List<Value> results = new ArrayList<>();
        if (wide == type) {
            results.add(node.output(0, "Where", Attributes.none(), kept, scaled, zero));
        } else {
            Value chosen = node.add("Where", Attributes.none(), kept, scaled, zero);
            results.add(node.output(0, "Cast", to("to", type), chosen));
        }
        if (node.outputs() > 1) {
            results.add(node.output(1, "Identity", Attributes.none(), kept));
        }
        return results;
    }

    private static boolean isFalse(Value v) {
        return v.isConstant() && v.constant().size() == 1 && !v.constant().getBoolean(0);
    }

    private static boolean isZero(Value v) {
        return v.isConstant() && v.constant().size() == 1 && v.constant().getDouble(0) == 0;
    }

    private static Value constant(NodeLowering node, DType type, double value) {
        return node.constant(Tensor.convert(type, new double[] {value}, new long[0]));
    }

    private static Value cast(NodeLowering node, Value v, DType type) {
        return v.tensorType() != null && v.tensorType().dtype() == type ? v : node.add("Cast", to("to", type), v);
    }

    private static Attributes to(String name, DType type) {
        return Attributes.none().with(name, (long) ElementTypes.number(type));
    }
}
