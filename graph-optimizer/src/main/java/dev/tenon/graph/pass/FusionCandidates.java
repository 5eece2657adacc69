package dev.tenon.graph.pass;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.kernel.table.fused.FusedKernels;
import dev.tenon.kernel.table.reduce.ReduceKernels;
import dev.tenon.op.Op;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.SqueezeExcite;
import dev.tenon.op.math.Elementwise;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.op.reduce.Reduction;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which operators the pass {@link Fusion} may fuse: parts, which are element-wise, and anchors, which the parts work on or work
 * before.
 */
final class FusionCandidates {
    private static final int MAX_CONV_RANK = 4;

    private FusionCandidates() {}

    /** Whether an operator can be a part of a fused operator. */
    static boolean isElementwise(Node node) {
        if (!(node.op() instanceof Elementwise)
                || node.outputs().size() != 1
                || node.output() == null
                || node.output().tensorType() == null
                || node.output().symbolic() != null) {
            return false;
        }
        List<DType> types = new ArrayList<>();
        for (Value v : node.inputs()) {
            if (v != null && v.tensorType() == null) {
                return false;
            }
            types.add(v == null ? null : v.tensorType().dtype());
        }
        return FusedKernels.hasLoop(node.op(), types, node.output().tensorType().dtype());
    }

    /** Whether an operator can be the anchor of a fused operator. */
    static boolean isAnchor(Node node) {
        if (isLineAnchor(node)) {
            return true;
        }
        if (!Fused.ANCHORS.contains(node.op())
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
    static boolean isLineAnchor(Node node) {
        if (!Fused.ROW_WISE.contains(node.op())
                || node.output() == null
                || node.output().tensorType() == null
                || node.output().symbolic() != null
                || node.input(0).tensorType().dtype() != DType.FLOAT32
                || !node.input(0).tensorType().shape().hasRank()) {
            return false;
        }
        if (!(node.op() instanceof Reduction reduction)) {
            return true;
        }
        Value axes = node.input(1);
        if (axes != null && !axes.isConstant()) {
            return false;
        }
        long[] dims = new long[node.input(0).tensorType().shape().rank()];
        Arrays.fill(dims, 2);
        boolean[] reduced =
                reduction.reduced(axes == null ? null : axes.constant().toLongArray(), dims.length);
        return ReduceKernels.isOneStage(dims, reduced);
    }

    /** Whether the last stage of an operator is an element-wise product, which may be broadcast like others. */
    static boolean endsWithProduct(Op op) {
        return op instanceof SqueezeExcite || op instanceof ChannelsLast last && last.op() instanceof SqueezeExcite;
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
