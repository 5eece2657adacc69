package dev.tenon.compression.quantize;

import dev.tenon.compression.LinearLayer;
import dev.tenon.graph.GraphIndex;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Add;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import java.util.List;

/** The biases of layers. */
final class Biases {
    static final int OPERAND = 2;

    private Biases() {}

    /** The bias that a Conv or Gemm adds itself, if it is a constant with a number for each output, or one for all; or null. */
    static Value own(LinearLayer layer) {
        Node node = layer.node();
        Value bias = node.input(OPERAND);
        if (bias == null || !bias.isConstant() || !Operators.isFloat(bias)) {
            return null;
        }
        return node.op() instanceof Conv || node.op() instanceof Gemm gemm && gemm.beta() == 1 && isRow(bias, layer)
                ? bias
                : null;
    }

    private static boolean isRow(Value bias, LinearLayer layer) {
        long size = bias.constant().size();
        int rank = bias.constant().rank();
        return size == 1
                || size == layer.outputs() && (rank == 1 || bias.constant().dim(0) == 1);
    }

    /** The bias of a layer, also where an Add after a MatMul adds it; null if there is none that can be changed. */
    static Value of(LinearLayer layer, GraphIndex index) {
        if (!(layer.node().op() instanceof MatMul)) {
            return own(layer);
        }
        List<Node> users = index.consumers(layer.node().output());
        if (users.size() != 1
                || index.isOutput(layer.node().output())
                || !(users.getFirst().op() instanceof Add)) {
            return null;
        }
        Node add = users.getFirst();
        Value other = add.input(add.input(0) == layer.node().output() ? 1 : 0);
        if (!other.isConstant() || !Operators.isFloat(other) || !isRow(other, layer)) {
            return null;
        }
        long columns = other.constant().rank() == 0
                ? 1
                : other.constant().dim(other.constant().rank() - 1);
        return other.constant().size() == 1 || columns == layer.outputs() ? other : null;
    }

    /** The numbers of a bias, one for each output. */
    static float[] numbers(Value bias, LinearLayer layer) {
        float[] numbers = new float[layer.outputs()];
        for (int o = 0; o < numbers.length; o++) {
            numbers[o] = bias.constant().getFloat(bias.constant().size() == 1 ? 0 : o);
        }
        return numbers;
    }
}
