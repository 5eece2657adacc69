package dev.tenon.compression.prune;

import dev.tenon.compression.LinearLayer;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.GraphIndex;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.ValueRef;
import dev.tenon.op.math.Add;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;

/**
 * The place of the bias of a layer: an operand of the layer, one that can be added, or the constant that the next node adds to
 * a product.
 *
 * @param kind the kind of place
 * @param constant the constant that holds the bias; null if there is none
 */
record BiasPlace(Kind kind, Value constant) {
    private static final int OPERAND = 2;

    /** Kinds of places. */
    enum Kind {
        /** No constant that belongs to the layer alone, so the bias stays. */
        FIXED,
        /** An operand of the layer. */
        OPERAND,
        /** The layer has no bias, and its operator takes one. */
        ABSENT,
        /** The constant operand of the sum that follows a product. */
        SUM
    }

    /**
     * Finds the bias of a layer.
     *
     * @param layer the layer
     * @param index an index of its graph
     * @return the place
     */
    static BiasPlace of(LinearLayer layer, GraphIndex index) {
        Node node = layer.node();
        if (node.op() instanceof MatMul) {
            return ofProduct(layer, index);
        }
        Value operand = node.input(OPERAND);
        if (operand == null) {
            return new BiasPlace(Kind.ABSENT, null);
        }
        return isOwn(operand, layer.outputs(), index)
                ? new BiasPlace(Kind.OPERAND, operand)
                : new BiasPlace(Kind.FIXED, null);
    }

    private static BiasPlace ofProduct(LinearLayer layer, GraphIndex index) {
        Value product = layer.node().output();
        List<Node> consumers = index.consumers(product);
        if (consumers.size() != 1
                || index.isOutput(product)
                || !(consumers.getFirst().op() instanceof Add)) {
            return new BiasPlace(Kind.FIXED, null);
        }
        for (Value operand : consumers.getFirst().inputs()) {
            if (isOwn(operand, layer.outputs(), index)) {
                return new BiasPlace(Kind.SUM, operand);
            }
        }
        return new BiasPlace(Kind.FIXED, null);
    }

    /** Whether a value is a vector of floats, one for each output, that one node uses. */
    private static boolean isOwn(Value v, int outputs, GraphIndex index) {
        if (!v.isConstant()
                || v.constant().dtype() != DType.FLOAT32
                || v.constant().size() != outputs) {
            return false;
        }
        Tensor t = v.constant();
        boolean isVector = t.rank() > 0 && t.dim(t.rank() - 1) == outputs;
        return isVector && index.consumers(v).size() == 1 && !index.isOutput(v);
    }

    /** {@return whether the bias can be changed} */
    boolean isFree() {
        return kind != Kind.FIXED;
    }

    /**
     * Gives the layer another bias.
     *
     * @param editor an editor of the layer's graph
     * @param layer the layer
     * @param bias for a sum what is added to the bias, else the whole bias
     */
    void set(GraphEditor editor, LinearLayer layer, float[] bias) {
        switch (kind) {
            case FIXED -> {}
            case OPERAND ->
                editor.replaceConstant(
                        constant, Tensor.of(bias, constant.constant().dims()));
            case ABSENT -> {
                Node node = layer.node();
                ValueRef added = editor.constant(Tensor.of(bias, bias.length));
                editor.replaceNode(
                        node,
                        editor.add(node.op(), node.name(), List.of(node.input(0), node.input(1), added), List.of("")));
            }
            case SUM -> {
                float[] sum = constant.constant().toFloatArray();
                for (int i = 0; i < sum.length; i++) {
                    sum[i] += bias[i];
                }
                editor.replaceConstant(
                        constant, Tensor.of(sum, constant.constant().dims()));
            }
        }
    }
}
