package dev.tenon.compression.quantize;

import dev.tenon.compression.LinearLayer;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Clip;
import dev.tenon.op.math.LeakyRelu;
import dev.tenon.op.math.Min;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Sigmoid;
import dev.tenon.op.nn.AveragePool;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Expand;
import dev.tenon.op.shape.Flatten;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Identity;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Split;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Tile;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.DType;
import java.util.Map;
import java.util.Set;

/** The kinds of operators that are quantised. */
final class Operators {
    /** How an operator is quantised. */
    enum Kind {
        /** A product or convolution with constant weights. */
        LINEAR,
        /** A product of two computed matrices. */
        PRODUCT,
        /** It moves or selects numbers of its first operand, so that scale and zero point stay the same. */
        MOVE,
        /** It has a quantised form in ONNX Runtime, and a scale of its own for each operand and the result. */
        ARITHMETIC,
        /** It stays in float. */
        FLOAT
    }

    private static final Set<Class<? extends Op>> MOVES = Set.of(
            Reshape.class,
            Transpose.class,
            Squeeze.class,
            Unsqueeze.class,
            Flatten.class,
            Slice.class,
            Expand.class,
            Gather.class,
            Tile.class,
            Split.class,
            MaxPool.class,
            Identity.class);

    private static final Set<Class<? extends Op>> ARITHMETIC = Set.of(
            Add.class,
            Mul.class,
            Concat.class,
            AveragePool.class,
            GlobalAveragePool.class,
            LeakyRelu.class,
            Sigmoid.class);

    private Operators() {}

    /** The kind of a node. Layers are those with constant weights, by their nodes. */
    static Kind kind(Node node, Map<Node, LinearLayer> layers) {
        Op op = node.op();
        if (layers.containsKey(node)) {
            return isFloat(node.input(0)) && !node.input(0).isConstant() ? Kind.LINEAR : Kind.FLOAT;
        }
        if (op instanceof MatMul) {
            return isComputed(node.input(0)) && isComputed(node.input(1)) ? Kind.PRODUCT : Kind.FLOAT;
        }
        if (isMove(op)) {
            boolean isPlain = node.outputs().stream().allMatch(v -> v == null || isFloat(v));
            return isComputed(node.input(0)) && isPlain ? Kind.MOVE : Kind.FLOAT;
        }
        if (ARITHMETIC.contains(op.getClass())) {
            return node.inputs().stream().allMatch(Operators::isComputed) ? Kind.ARITHMETIC : Kind.FLOAT;
        }
        return Kind.FLOAT;
    }

    /** Whether an operator moves or selects numbers of its first operand. */
    static boolean isMove(Op op) {
        return MOVES.contains(op.getClass());
    }

    static boolean isComputed(Value v) {
        return v != null && !v.isConstant() && isFloat(v);
    }

    static boolean isFloat(Value v) {
        return v != null && v.tensorType() != null && v.tensorType().dtype() == DType.FLOAT32;
    }

    /**
     * Whether a node bounds its first operand: Relu, Clip or Min with constants. Quantising after it gives the same as
     * quantising alone, where the bounds are the ends of the range.
     */
    static boolean isBound(Node node) {
        return switch (node.op()) {
            case Relu r -> isComputed(node.input(0));
            case Clip c ->
                isComputed(node.input(0)) && isScalarOrAbsent(node.input(1)) && isScalarOrAbsent(node.input(2));
            case Min m ->
                node.inputs().size() == 2
                        && isComputed(node.input(0))
                        && node.input(1).isConstant()
                        && isFloat(node.input(1));
            default -> false;
        };
    }

    private static boolean isScalarOrAbsent(Value v) {
        return v == null || v.isConstant() && v.constant().size() == 1;
    }

    /** Whether quantising the operand of a {@link #isBound bound} gives the same integers as quantising its result. */
    static boolean isImplied(Node bound, Grid grid) {
        return switch (bound.op()) {
            case Relu r -> grid.quantized(0) == grid.min();
            case Clip c ->
                (bound.input(1) == null || grid.quantized(number(bound.input(1), 0)) == grid.min())
                        && (bound.input(2) == null || grid.quantized(number(bound.input(2), 0)) == grid.max());
            default -> {
                boolean isImplied = true;
                for (long i = 0; i < bound.input(1).constant().size(); i++) {
                    isImplied &= grid.quantized(number(bound.input(1), i)) == grid.max();
                }
                yield isImplied;
            }
        };
    }

    private static float number(Value v, long i) {
        return v.constant().getFloat(i);
    }
}
