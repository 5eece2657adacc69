package dev.tenon.plan;

import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.op.InferContext;
import dev.tenon.op.Operands;
import dev.tenon.op.cost.Cost;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Constant folding while planning: computes results of nodes that are known once the shapes of the inputs are known.
 * Such nodes need no step.
 */
final class PlanTimeFolding {
    /** Values of at most this many elements are computed while planning. */
    private static final long MAX_ELEMENTS = 4096;

    /** A node is computed while planning if it has at most this many operations. */
    private static final long MAX_OPERATIONS = 1 << 22;

    private PlanTimeFolding() {}

    /**
     * The outputs of a node if all of them are empty. Nothing needs to be computed then, whatever the operands are.
     *
     * @param node the node
     * @param types the types of its outputs
     * @return the outputs, or null if one has an element, is no tensor, or may have elements
     */
    static List<Tensor> ofEmpty(Node node, List<ValueType> types) {
        List<Datum> empty = node.op() instanceof GraphOp
                ? null
                : Operands.emptyTensors(types, node.outputs().size());
        if (empty == null) {
            return null;
        }
        List<Tensor> tensors = new ArrayList<>(empty.size());
        for (Datum d : empty) {
            tensors.add((Tensor) d);
        }
        return tensors;
    }

    /**
     * The outputs of a node whose elements follow from shapes: Shape, Size, and arithmetic on them.
     *
     * @param node the node
     * @param c the context in which its types were inferred
     * @param types the types of its outputs
     * @return the outputs, or null if they do not follow from shapes
     */
    static List<Tensor> ofShapes(Node node, InferContext c, List<ValueType> types) {
        if (node.outputs().size() != 1
                || !(types.getFirst() instanceof TensorType t)
                || !t.shape().isKnown()
                || !t.dtype().isInteger() && t.dtype() != DType.BOOL
                || t.shape().rank() > 1) {
            return null;
        }
        List<Dim> elements = c.outputElements(0, t);
        if (elements == null) {
            return null;
        }
        for (Dim element : elements) {
            if (!element.isKnown()) {
                return null;
            }
        }
        Tensor value = Tensor.allocate(t.dtype(), t.shape().toArray());
        for (int i = 0; i < elements.size(); i++) {
            value.setLong(i, elements.get(i).value());
        }
        return List.of(value);
    }

    /**
     * The outputs of a node with known operands, computed by its reference.
     *
     * @param node the node
     * @param values its operands, null for operands that are left out
     * @param types the types of its outputs
     * @return the outputs, or null if outputs or operands are too large, there is too much to compute, an output is no
     *     tensor, or the operator is random
     */
    static List<Tensor> ofValues(Node node, List<Datum> values, List<ValueType> types) {
        if (!node.op().deterministic() || node.op() instanceof GraphOp) {
            return null;
        }
        for (Datum value : values) {
            if (value instanceof Tensor t && t.size() > MAX_ELEMENTS) {
                return null;
            }
        }
        int outputs = node.outputs().size();
        for (int i = 0; i < outputs; i++) {
            if (!(types.get(i) instanceof TensorType t)
                    || t.shape().isKnown() && t.shape().knownElements() > MAX_ELEMENTS) {
                return null;
            }
        }
        if (isExpensive(node, values, types)) {
            return null;
        }
        List<Datum> results = new Operands(node.op(), node.name(), values, outputs).evaluate(types);
        List<Tensor> tensors = new ArrayList<>(outputs);
        for (int i = 0; i < outputs; i++) {
            if (!(results.get(i) instanceof Tensor t)) {
                return null;
            }
            tensors.add(t);
        }
        return tensors;
    }

    private static boolean isExpensive(Node node, List<Datum> values, List<ValueType> types) {
        List<ValueType> inputs = new ArrayList<>(values.size());
        for (Datum value : values) {
            inputs.add(value == null ? null : value.type());
        }
        return Cost.of(node.op(), inputs, types).map(Cost::flops).orElse(0L) > MAX_OPERATIONS;
    }
}
