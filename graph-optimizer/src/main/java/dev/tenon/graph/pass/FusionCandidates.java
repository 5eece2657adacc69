package dev.tenon.graph.pass;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Target;
import dev.tenon.op.Op;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.SqueezeExcite;
import dev.tenon.op.math.Elementwise;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.quant.ConvInteger;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;

/**
 * Which operators the pass {@link Fusion} may fuse: parts, which are element-wise, and anchors, which the parts work on or work
 * before.
 *
 * @param target the kernels and the machine
 */
record FusionCandidates(Target target) {
    private static final int MAX_CONV_RANK = 4;

    /** Whether an operator can be a part of a fused operator. */
    boolean isElementwise(Node node) {
        if (!(node.op() instanceof Elementwise)
                || !target.kernels().isFusible(node.op())
                || node.outputs().size() != 1
                || node.output() == null
                || node.output().tensorType() == null
                || node.output().symbolic() != null) {
            return false;
        }
        for (Value v : node.inputs()) {
            if (v != null && v.tensorType() == null) {
                return false;
            }
        }
        return target.reasonAgainst(node.op(), node.inputs(), node.outputs()) == null;
    }

    /** Whether an operator can be the anchor of a fused operator. */
    boolean isAnchor(Node node) {
        if (isLineAnchor(node)) {
            return true;
        }
        if (!Fused.ANCHORS.contains(node.op())
                || !target.kernels().isFusible(node.op())
                || node.outputs().size() != 1
                || node.output() == null
                || node.output().tensorType() == null) {
            return false;
        }
        TensorType type = node.output().tensorType();
        Shape shape = type.shape();
        if (node.op() instanceof MatMulInteger) {
            return node.input(1).isConstant()
                    && node.input(1).constant().rank() == 2
                    && shape.hasRank()
                    && shape.rank() > 1
                    && isSingle(node.input(2));
        }
        if (isIntegerConvolution(node.op())) {
            return shape.hasRank()
                    && shape.rank() <= MAX_CONV_RANK
                    && target.reasonAgainst(node.op(), node.inputs(), node.outputs()) == null;
        }
        if (node.op() instanceof ChannelsLast last && !endsWithProduct(last) && !isConvolution(last.op())) {
            return false;
        }
        if (isConvolution(node.op())) {
            return type.dtype() == DType.FLOAT32 && shape.hasRank() && shape.rank() <= MAX_CONV_RANK;
        }
        return type.dtype() == DType.FLOAT32 || type.dtype() == DType.FLOAT64;
    }

    /**
     * Whether an operator can be a line anchor: a reduction or softmax whose kernel takes lines as the parts before it
     * give them.
     */
    boolean isLineAnchor(Node node) {
        return Fused.ROW_WISE.contains(node.op())
                && node.output() != null
                && node.output().tensorType() != null
                && node.output().symbolic() == null
                && node.input(0).tensorType().dtype() == DType.FLOAT32
                && node.input(0).tensorType().shape().hasRank()
                && target.reasonAgainstRows(node.op(), node.inputs()) == null;
    }

    /** Whether the last stage of an operator is an element-wise product, which may be broadcast like others. */
    static boolean endsWithProduct(Op op) {
        return op instanceof SqueezeExcite || op instanceof ChannelsLast last && last.op() instanceof SqueezeExcite;
    }

    /** Whether an operator gives sums of products of integers, which the first part makes floats. */
    static boolean givesIntegers(Op op) {
        return op instanceof MatMulInteger || isIntegerConvolution(op);
    }

    private static boolean isIntegerConvolution(Op op) {
        return op instanceof ChannelsLast last && last.op() instanceof ConvInteger;
    }

    private static boolean isConvolution(Op op) {
        return op instanceof Conv || op instanceof ConvTranspose;
    }

    private static boolean isSingle(Value v) {
        return v == null
                || v.tensorType().shape().isKnown() && v.tensorType().shape().knownElements() == 1;
    }

    /** Whether a shape that broadcasts to another shape has fewer elements for sure, unless the other has none. */
    static boolean isSmaller(Shape shape, Shape result) {
        if (!shape.hasRank() || !result.hasRank()) {
            return false;
        }
        for (int d = 1; d <= result.rank(); d++) {
            Dim whole = result.dim(-d);
            Dim own = d <= shape.rank() ? shape.dim(-d) : Dim.of(1);
            if (isOne(own) && !isOne(whole)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isOne(Dim dim) {
        return dim.isKnown() && dim.value() == 1;
    }
}
