package dev.tenon.compression.quantize.weights;

import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.edit.FreeNames;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.NewValue;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.ValueRef;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Sub;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts codes in blocks in the place of weights. The nodes are those that a reader makes of MatMulNBits and
 * GatherBlockQuantized, so a writer makes these operators of them again.
 */
final class BlockForm {
    private final GraphEditor editor;
    private final FreeNames names;

    /** The values in the place of outputs of nodes that were removed. */
    private final Map<Value, ValueRef> replaced = new IdentityHashMap<>();

    BlockForm(GraphEditor editor) {
        this.editor = editor;
        this.names = new FreeNames(editor.index());
    }

    /**
     * Puts codes in the place of weights.
     *
     * @param weight the weights
     * @param layers the layers that use them
     * @param codes their codes, [outputs, terms]
     */
    void products(Value weight, List<LinearLayer> layers, BlockCodes codes) {
        ValueRef weights = transposed(weight, codes);
        layers.forEach(layer -> product(layer, current(layer.input()), weights));
    }

    /**
     * Puts codes of weights with scaled columns in the place of weights.
     *
     * @param weight the weights
     * @param layers the layers that use them, which have one input
     * @param codes their codes, [outputs, terms]
     * @param input the input, with its columns scaled inversely
     */
    void products(Value weight, List<LinearLayer> layers, BlockCodes codes, ValueRef input) {
        ValueRef weights = transposed(weight, codes);
        layers.forEach(layer -> product(layer, input, weights));
    }

    /**
     * Adds an input whose columns are divided by factors.
     *
     * @param input the input
     * @param factors a factor for each column
     * @return the quotient
     */
    ValueRef divided(Value input, float[] factors) {
        float[] inverse = new float[factors.length];
        for (int i = 0; i < inverse.length; i++) {
            inverse[i] = 1 / factors[i];
        }
        return editor.add(new Mul(), current(input), constant(input, "_factors", Tensor.wrap(inverse)));
    }

    /** Adds the weights [columns, rows] that codes [rows, columns] stand for. */
    private ValueRef transposed(Value weight, BlockCodes codes) {
        ValueRef matrix = codes.hasIntegerZeros() ? dequantized(weight, codes) : shifted(weight, codes);
        return editor.add(new Transpose(List.of(1, 0)), matrix);
    }

    private NewValue constant(Value weight, String part, Tensor tensor) {
        return editor.constant(names.of(weight.name() + part), tensor);
    }

    private ValueRef dequantized(Value weight, BlockCodes codes) {
        return editor.add(
                new DequantizeLinear(1, codes.block, null),
                constant(weight, "_codes", codes.codes(codes.columns)),
                constant(weight, "_scales", codes.scales()),
                codes.isSymmetric() ? null : constant(weight, "_zeros", codes.zeros()));
    }

    /** DequantizeLinear has no zero points that are no integers. */
    private ValueRef shifted(Value weight, BlockCodes codes) {
        long width = (long) codes.blocks * codes.block;
        ValueRef stored = constant(weight, "_codes", codes.codes((int) width));
        ValueRef real = editor.add(new Cast(DType.FLOAT32), stored);
        ValueRef inBlocks = reshaped(real, codes.rows, codes.blocks, codes.block);
        ValueRef zeros = constant(weight, "_zeros", codes.realZeros().reshape(codes.rows, codes.blocks, 1));
        ValueRef scales = constant(weight, "_scales", codes.scales().reshape(codes.rows, codes.blocks, 1));
        ValueRef scaled = editor.add(new Mul(), editor.add(new Sub(), inBlocks, zeros), scales);
        ValueRef matrix = reshaped(scaled, codes.rows, width);
        return width == codes.columns
                ? matrix
                : editor.add(new Slice(), matrix, integers(0), integers(codes.columns), integers(1));
    }

    private ValueRef reshaped(ValueRef v, long... dims) {
        return editor.add(new Reshape(false), v, integers(dims));
    }

    private NewValue integers(long... values) {
        return editor.constant(Tensor.of(values));
    }

    /**
     * Lets a layer use other weights, [terms, outputs]. It is a MatMul, or a Gemm whose first operand is not
     * transposed.
     */
    private void product(LinearLayer layer, ValueRef input, ValueRef weights) {
        Node node = layer.node();
        if (!(node.op() instanceof Gemm gemm)) {
            if (input != current(layer.input())) {
                editor.replaceOperand(node, 0, input);
            }
            editor.replaceOperand(node, 1, weights);
            return;
        }
        ValueRef y = product(node.name(), input, weights);
        if (gemm.alpha() != 1) {
            y = editor.add(new Mul(), y, editor.constant(Tensor.scalar(gemm.alpha())));
        }
        ValueRef bias = node.input(2) == null ? null : current(node.input(2));
        if (bias != null && gemm.beta() != 0) {
            ValueRef term =
                    gemm.beta() == 1 ? bias : editor.add(new Mul(), bias, editor.constant(Tensor.scalar(gemm.beta())));
            y = editor.add(new Add(), y, term);
        }
        replace(node, y);
    }

    private ValueRef current(Value v) {
        return replaced.getOrDefault(v, v);
    }

    private void replace(Node node, ValueRef y) {
        editor.replaceNode(node, y);
        replaced.put(node.output(), y);
    }

    private ValueRef product(String name, ValueRef... operands) {
        return editor.add(new MatMul(), name, List.of(operands), List.of("")).getFirst();
    }

    /**
     * Lets nodes gather rows of codes, and their scales and zero points.
     *
     * @param table the table, [rows, columns]
     * @param nodes nodes that gather rows of it
     * @param codes its codes
     */
    void gather(Value table, List<Node> nodes, BlockCodes codes) {
        NewValue rows = constant(table, "_codes", codes.codes(codes.columns));
        NewValue scales = constant(table, "_scales", codes.scales());
        NewValue zeros = codes.isSymmetric() ? null : constant(table, "_zeros", codes.zeros());
        for (Node node : nodes) {
            ValueRef indices = current(node.input(1));
            int axis = node.input(1).tensorType().shape().rank();
            ValueRef y = editor.add(
                            new DequantizeLinear(axis, codes.block, null),
                            node.name(),
                            Arrays.asList(
                                    editor.add(new Gather(0), rows, indices),
                                    editor.add(new Gather(0), scales, indices),
                                    zeros == null ? null : editor.add(new Gather(0), zeros, indices)),
                            List.of(""))
                    .getFirst();
            replace(node, y);
        }
    }
}
