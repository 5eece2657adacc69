package dev.tenon.graph.pass;

import dev.tenon.budget.WorkBudget;
import dev.tenon.error.TenonException;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelSet;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/**
 * Computes nodes whose operands are constant, and integer vectors whose elements type inference knows, such as shapes
 * that do not depend on the inputs. Bodies of control operators are folded too.
 *
 * <p>Weights that a model computes from smaller ones are folded, because only constant weights can be packed and
 * transformed before a call. The number of bytes of such results is limited, because a few bytes of a model can
 * describe any amount of memory, and so is the work: see {@link WorkBudget#aheadLeft}. Much work is done by a kernel, if
 * there is one. A node whose computation fails or is too much is left alone, and is computed when the graph runs.
 */
public final class ConstantFolding implements Pass {
    private static final String NAME = "constant-folding";

    private static final long FREE_BYTES = 1 << 16;
    private static final long MAX_GROWTH = 2;

    /** The limits for results that are larger than their operands: for one result, and for all results in a graph. */
    private static final long MAX_GROWN_BYTES = 1 << 26;

    private static final long MAX_TOTAL_BYTES = 1 << 29;

    private final KernelSet kernels;
    private final Capabilities machine;

    /** The pass, which computes everything by references. */
    public ConstantFolding() {
        this(KernelSet.empty(), Capabilities.SCALAR);
    }

    /**
     * The pass.
     *
     * @param kernels the kernels that compute where there is much to compute
     * @param machine the machine that runs the pass
     */
    @SuppressWarnings("exports") // for sessions, which know the machine
    public ConstantFolding(KernelSet kernels, Capabilities machine) {
        this.kernels = kernels;
        this.machine = machine;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Graph apply(Graph graph, RewriteTrace trace) {
        Bodies bodies = Bodies.after(this, graph, trace);
        boolean changed = bodies.haveChanged();
        if (!changed && !mayFold(graph)) {
            return graph;
        }
        GraphCopy copy = new GraphCopy(graph);
        Folding folding = new Folding(graph, trace, new ConstantNode(kernels, machine));
        for (Node node : graph.nodes()) {
            List<Tensor> folded = folding.of(node, copy.operands(node));
            if (folded == null) {
                copy.copy(node, bodies.op(node));
                continue;
            }
            changed = true;
            trace.fired(NAME, graph.name(), node);
            for (int i = 0; i < node.outputs().size(); i++) {
                if (node.outputs().get(i) != null) {
                    copy.replace(node.outputs().get(i), folded.get(i));
                }
            }
        }
        return changed ? copy.build(trace) : graph;
    }

    /** Whether at least one node may be folded. */
    private static boolean mayFold(Graph graph) {
        for (Node node : graph.nodes()) {
            if (!(node.op() instanceof GraphOp) && (areConstant(node.inputs()) || isKnown(node.output()))) {
                return true;
            }
        }
        return false;
    }

    private static boolean areConstant(List<Value> operands) {
        for (Value v : operands) {
            if (v != null && !v.isConstant()) {
                return false;
            }
        }
        return true;
    }

    /** The folding of one graph. Tells the trace which nodes are not folded, and why. */
    private static final class Folding {
        private final Graph graph;
        private final RewriteTrace trace;
        /** The bytes of the results so far that are larger than their operands. */
        private long taken;

        private final ConstantNode computation;

        private Folding(Graph graph, RewriteTrace trace, ConstantNode computation) {
            this.graph = graph;
            this.trace = trace;
            this.computation = computation;
        }

        /** The results of a node, or null if it is not folded. */
        private List<Tensor> of(Node node, List<Value> operands) {
            if (!node.op().deterministic() || node.op() instanceof GraphOp) {
                return null;
            }
            List<Tensor> known = knownElements(node);
            if (known != null) {
                return known;
            }
            List<Datum> values = new ArrayList<>();
            long bytes = 0;
            for (Value v : operands) {
                if (v != null && !v.isConstant()) {
                    return null;
                }
                values.add(v == null ? null : v.constant());
                bytes += v == null || v.constant().dtype() == DType.STRING
                        ? 0
                        : v.constant().byteSize();
            }
            for (Value v : node.outputs()) {
                if (v != null && !allows(node, v, bytes)) {
                    return null;
                }
            }
            Tensor widened = NarrowConstants.widened(node, values);
            return widened != null ? List.of(widened) : compute(node, values);
        }

        /** Whether a result is small enough to be folded. */
        private boolean allows(Node node, Value v, long operandBytes) {
            if (!(v.type() instanceof TensorType t)) {
                return false;
            }
            if (!t.shape().isKnown()) {
                return true;
            }
            long bytes = t.dtype().byteSize(t.shape().knownElements());
            if (bytes <= Math.max(FREE_BYTES, MAX_GROWTH * operandBytes)) {
                return true;
            }
            if (bytes > MAX_GROWN_BYTES || bytes > MAX_TOTAL_BYTES - taken) {
                if (trace.isKept()) {
                    refused(node, "%" + v.name() + " would take " + bytes + " bytes, computed from " + operandBytes);
                }
                return false;
            }
            taken += bytes;
            return true;
        }

        private List<Tensor> compute(Node node, List<Datum> values) {
            List<Datum> results;
            try {
                results = computation.of(node, values);
            } catch (TenonException e) {
                refused(node, e.getMessage());
                return null;
            }
            long objects = computation.objectBytes();
            if (objects > FREE_BYTES) {
                if (objects > MAX_TOTAL_BYTES - taken) {
                    refused(node, "its texts, or tensors of a sequence, take " + objects + " bytes");
                    return null;
                }
                taken += objects;
            }
            List<Tensor> tensors = new ArrayList<>();
            for (int i = 0; i < node.outputs().size(); i++) {
                if (node.outputs().get(i) != null && !(results.get(i) instanceof Tensor)) {
                    refused(node, "its result is no tensor");
                    return null;
                }
                tensors.add(results.get(i) instanceof Tensor t ? NarrowConstants.likeOperands(t, values) : null);
            }
            return tensors;
        }

        private void refused(Node node, String reason) {
            trace.refused(NAME, graph.name(), node, reason);
        }
    }

    /** The result of a node whose elements type inference knows, or null. */
    private static List<Tensor> knownElements(Node node) {
        Value v = node.output();
        if (node.outputs().size() != 1 || !isKnown(v)) {
            return null;
        }
        Tensor value =
                Tensor.allocate(v.tensorType().dtype(), v.tensorType().shape().toArray());
        for (int i = 0; i < v.symbolic().size(); i++) {
            value.setLong(i, v.symbolic().get(i).value());
        }
        return List.of(value);
    }

    private static boolean isKnown(Value v) {
        boolean known = v != null
                && v.symbolic() != null
                && v.tensorType() != null
                && v.tensorType().shape().isKnown();
        if (known) {
            for (Dim element : v.symbolic()) {
                known &= element.isKnown();
            }
        }
        return known;
    }
}
