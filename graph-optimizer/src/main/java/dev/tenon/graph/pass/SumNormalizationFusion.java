package dev.tenon.graph.pass;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphUses;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Target;
import dev.tenon.op.Op;
import dev.tenon.op.fused.SumNormalization;
import dev.tenon.op.math.Add;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.RMSNormalization;
import dev.tenon.op.shape.Gather;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Fuses a normalisation and the sum that it normalises into one {@link SumNormalization}. The sum may be a skip
 * connection, which is an output of the fused operator if it is used again, or a sum of embeddings, whose Gathers are
 * fused too.
 *
 * <p>A pass, because a rule replaces the outputs of one node, and here a sum is replaced that other nodes may use too.
 * Comes after the rules and before {@link Fusion}. A sum that {@link Fusion} lets a product or an element-wise operator
 * compute is left alone, since it takes no step of its own then. Linear in the size of the graph.
 */
public final class SumNormalizationFusion implements Pass {
    /** The name under which traces count what this pass does. */
    public static final String RULE = "sum-normalization";

    private static final int MAX_TERMS = 8;

    private final FusionCandidates candidates;

    /** The pass for {@link Target#standard}. */
    public SumNormalizationFusion() {
        this(Target.standard());
    }

    /**
     * The pass.
     *
     * @param target the kernels and the machine
     */
    public SumNormalizationFusion(Target target) {
        this.candidates = new FusionCandidates(target);
    }

    @Override
    public String name() {
        return "sum-normalization-fusion";
    }

    @Override
    public Graph apply(Graph graph, RewriteTrace trace) {
        return new Search(graph, candidates, trace).apply();
    }

    /** A sum and its normalisation. */
    private record Found(Node norm, List<Value> terms) {}

    private static final class Search {
        private final Graph graph;
        private final FusionCandidates candidates;
        private final RewriteTrace trace;
        private final GraphUses uses;
        private final Map<Node, Found> sums = new IdentityHashMap<>();
        private final Set<Node> absorbed = Collections.newSetFromMap(new IdentityHashMap<>());

        private Search(Graph graph, FusionCandidates candidates, RewriteTrace trace) {
            this.graph = graph;
            this.candidates = candidates;
            this.trace = trace;
            this.uses = graph.uses();
        }

        private Graph apply() {
            List<Node> norms = new ArrayList<>();
            for (Node node : graph.nodes()) {
                boolean norm = node.op() instanceof LayerNormalization || node.op() instanceof RMSNormalization;
                if (norm && isSum(node.input(0))) {
                    norms.add(node);
                }
            }
            norms.forEach(this::find);
            return sums.isEmpty() ? graph : rebuild();
        }

        private void find(Node norm) {
            Node sum = norm.input(0).producer();
            List<Value> terms = new ArrayList<>();
            List<Node> inner = new ArrayList<>();
            collect(sum, terms, inner);
            String reason = reasonAgainst(norm, sum, terms);
            if (reason != null) {
                trace.refused(RULE, graph.name(), norm, reason);
                return;
            }
            trace.fired(RULE, graph.name(), norm);
            sums.put(sum, new Found(norm, terms));
            absorbed.add(norm);
            absorbed.addAll(inner);
            for (Value term : terms) {
                if (isRows(term, norm)) {
                    absorbed.add(term.producer());
                }
            }
        }

        /** The terms in the order in which they are added. Of two sums that are added, one is a term itself. */
        private void collect(Node sum, List<Value> terms, List<Node> inner) {
            boolean swapped = !isInner(sum.input(0), inner) && isInner(sum.input(1), inner);
            Value first = sum.input(swapped ? 1 : 0);
            if (isInner(first, inner)) {
                inner.add(first.producer());
                collect(first.producer(), terms, inner);
            } else {
                terms.add(first);
            }
            terms.add(sum.input(swapped ? 0 : 1));
        }

        private boolean isInner(Value v, List<Node> inner) {
            return isSum(v) && uses.count(v) == 1 && inner.size() < MAX_TERMS;
        }

        /** Why a normalisation and its sum are not fused, or null. */
        private String reasonAgainst(Node norm, Node sum, List<Value> terms) {
            if (sums.containsKey(sum)) {
                return "another normalisation computes the sum";
            }
            if (norm.output() == null || norm.outputs().size() > 1) {
                return "its result is left out, or its statistics are used";
            }
            long[] row = row(norm);
            if (row == null || norm.input(0).tensorType().dtype() != DType.FLOAT32) {
                return "the rows are not f32 of known lengths";
            }
            for (int i = 1; i < norm.inputs().size(); i++) {
                Value v = norm.input(i);
                if (v != null && (v.producer() != null || !isRow(v, row))) {
                    return "%" + v.name() + " is computed, or not one row";
                }
            }
            for (Value term : terms) {
                Shape shape = term.tensorType().shape();
                if (!shape.hasRank() || shape.rank() < row.length || !endsWith(shape, row)) {
                    return "%" + term.name() + " does not consist of such rows";
                }
                if (joins(term, norm.input(0))) {
                    return "the sum is computed along with %" + term.name();
                }
            }
            return null;
        }

        /** Whether {@link Fusion} lets the operator that computes a term compute the sum too. */
        private boolean joins(Value term, Value sum) {
            Node node = term.producer();
            if (node == null || uses.count(term) > 1) {
                return false;
            }
            return candidates.isAnchor(node) && term.type().equals(sum.type())
                    || candidates.isElementwise(node)
                            && !FusionCandidates.isSmaller(
                                    term.tensorType().shape(), sum.tensorType().shape());
        }

        /** Whether a term is rows of a constant matrix, gathered for this sum alone and normalised one by one. */
        private boolean isRows(Value term, Node norm) {
            Node node = term.producer();
            if (row(norm).length > 1
                    || node == null
                    || uses.count(term) > 1
                    || !(node.op() instanceof Gather g)
                    || g.axis() != 0) {
                return false;
            }
            Value table = node.input(0);
            return table.isConstant() && table.constant().rank() == 2;
        }

        private Graph rebuild() {
            GraphCopy copy = new GraphCopy(graph);
            for (Node node : graph.nodes()) {
                Found found = sums.get(node);
                if (found != null) {
                    emit(found, node.output(), copy);
                } else if (!absorbed.contains(node)) {
                    copy.copy(node);
                }
            }
            return copy.build(trace);
        }

        private void emit(Found found, Value sum, GraphCopy copy) {
            Node norm = found.norm();
            List<Value> operands = new ArrayList<>(Arrays.asList(copy.of(norm.input(1)), copy.of(norm.input(2))));
            for (Value term : found.terms()) {
                boolean rows = isRows(term, norm);
                operands.add(copy.of(rows ? term.producer().input(0) : term));
                operands.add(rows ? copy.of(term.producer().input(1)) : null);
            }
            List<String> names = new ArrayList<>(List.of(norm.output().name()));
            if (uses.count(sum) > 1) {
                names.add(sum.name());
            }
            List<Value> results = copy.builder().add(new SumNormalization(norm.op()), norm.name(), operands, names);
            copy.replace(norm.output(), results.getFirst());
            if (names.size() > 1) {
                copy.replace(sum, results.getLast());
            }
        }
    }

    private static boolean isSum(Value v) {
        return v != null && v.producer() != null && v.producer().op() instanceof Add;
    }

    /** The dimensions of a normalised row; null if they are not known. */
    private static long[] row(Node norm) {
        Op op = norm.op();
        Shape shape = norm.input(0).tensorType().shape();
        if (!shape.hasRank()) {
            return null;
        }
        int axis = op instanceof LayerNormalization n ? n.axis() : ((RMSNormalization) op).axis();
        int at = axis < 0 ? axis + shape.rank() : axis;
        long[] row = new long[shape.rank() - at];
        for (int i = 0; i < row.length; i++) {
            if (!shape.dim(at + i).isKnown()) {
                return null;
            }
            row[i] = shape.dim(at + i).value();
        }
        return row;
    }

    private static boolean isRow(Value v, long[] row) {
        Shape shape = v.tensorType().shape();
        return shape.hasRank() && shape.rank() == row.length && endsWith(shape, row);
    }

    private static boolean endsWith(Shape shape, long[] row) {
        for (int i = 1; i <= row.length; i++) {
            if (!shape.dim(-i).equals(Dim.of(row[row.length - i]))) {
                return false;
            }
        }
        return true;
    }
}
