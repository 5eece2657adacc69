package dev.tenon.plan;

import dev.tenon.budget.WorkBudget;
import dev.tenon.budget.WorkLimits;
import dev.tenon.error.TenonException;
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
    /** The operations of all nodes of a plan that are computed while planning: some tenths of a second. */
    static final long ALL_OPERATIONS = 1 << 26;

    /** Values of at most this many elements are computed while planning. */
    private static final long MAX_ELEMENTS = 4096;

    /** A node is computed while planning if it has at most this many operations. */
    private static final long MAX_OPERATIONS = 1 << 22;

    /** The most bytes of the texts of a node that is computed while planning. */
    private static final long MAX_TEXT_BYTES = 1 << 20;

    private static final WorkLimits NONE = new WorkLimits(Long.MAX_VALUE, Long.MAX_VALUE, "", "");

    private final WorkBudget whole;
    private long left = ALL_OPERATIONS;

    /** The folding of one plan, under the budget of the calling thread. */
    PlanTimeFolding() {
        WorkBudget current = WorkBudget.current();
        this.whole = current != null ? current : WorkBudget.started("planning", NONE);
    }

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
     * The outputs of a node with known operands, computed by its reference. Its work is counted while it goes on, for
     * types alone do not tell the work of every operator: values decide how many samples a region takes, say. A node
     * that turns out to be too much is computed by the call.
     *
     * @param node the node
     * @param values its operands, null for operands that are left out
     * @param types the types of its outputs
     * @return the outputs, or null if outputs or operands are too large, there is too much to compute, an output is no
     *     tensor, or the operator is random
     */
    List<Tensor> ofValues(Node node, List<Datum> values, List<ValueType> types) {
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
        List<Datum> results = isExpensive(node, values, types) ? null : compute(node, values, types);
        if (results == null) {
            return null;
        }
        List<Tensor> tensors = new ArrayList<>(outputs);
        for (int i = 0; i < outputs; i++) {
            if (!(results.get(i) instanceof Tensor t)) {
                return null;
            }
            tensors.add(t);
        }
        return tensors;
    }

    /** The results of a node, or null if it takes more than may be done. */
    private List<Datum> compute(Node node, List<Datum> values, List<ValueType> types) {
        long allowed = Math.min(left, MAX_OPERATIONS);
        WorkBudget part = whole.part(node, allowed, MAX_TEXT_BYTES);
        try {
            return part.run(() ->
                    new Operands(node.op(), node.name(), values, node.outputs().size()).evaluate(types));
        } catch (TenonException e) {
            whole.look();
            if (part.spent() > allowed || part.objects() > MAX_TEXT_BYTES) {
                return null;
            }
            throw e;
        } finally {
            left -= Math.min(left, part.spent());
            whole.count(part.spent());
        }
    }

    private static boolean isExpensive(Node node, List<Datum> values, List<ValueType> types) {
        List<ValueType> inputs = new ArrayList<>(values.size());
        for (Datum value : values) {
            inputs.add(value == null ? null : value.type());
        }
        return Cost.of(node.op(), inputs, types).map(Cost::flops).orElse(0L) > MAX_OPERATIONS;
    }
}
