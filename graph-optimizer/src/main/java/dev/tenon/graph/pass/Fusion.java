package dev.tenon.graph.pass;

import dev.tenon.graph.ElementMap;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphUses;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Target;
import dev.tenon.op.Domains;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.CastLike;
import dev.tenon.op.math.Elementwise;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.TensorType;
import java.util.BitSet;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Fuses element-wise operators that feed each other into one {@link Fused} operator. It may have an anchor: the
 * product, convolution, reduction or softmax that they work on. A reduction or softmax may also work on their result.
 * This is the last pass, since rules do not see fused operators.
 *
 * <p>The pass goes from the end of the graph to its begin. An operator joins the group of the operators that use its
 * result if they are all in one group, so that a group has a single result. Three kinds of operators stay outside:
 *
 * <ul>
 *   <li>Operators whose result is smaller than that of the group, or than the operand of a reduction. Inside they would
 *       be computed anew for each element.
 *   <li>Operators that work on a product or convolution and are used before another anchor. They stay with their own
 *       product.
 *   <li>Shape arithmetic, which the planner computes.
 * </ul>
 *
 * <p>A group of one operator without an anchor is not fused. Bodies of control operators are graphs of their own, which
 * are fused when they are compiled. Linear in the size of the graph.
 */
public final class Fusion implements Pass {
    private static final String NAME = "fusion";

    private static final String APART = "its users are not in one fused operator";
    private static final String FULL = "the fused operator has as many parts or operands as it may";

    private final FusionCandidates candidates;

    /** The pass for {@link Target#standard}. */
    public Fusion() {
        this(Target.standard());
    }

    /**
     * The pass.
     *
     * @param target the kernels and the machine
     */
    public Fusion(Target target) {
        this.candidates = new FusionCandidates(target);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Graph apply(Graph graph, RewriteTrace trace) {
        return trace.isKept() || mayFuse(graph) ? new Grouping(graph, candidates, trace).apply() : graph;
    }

    /**
     * Whether an element-wise operator and another operator feed each other. Operators for tables are never fused. A graph of trees
     * and their link ends here, before the tables of kernels are made that tell which operators have loops.
     */
    private static boolean mayFuse(Graph graph) {
        for (Node node : graph.nodes()) {
            for (Value v : node.inputs()) {
                Node producer = v == null ? null : v.producer();
                if (producer != null
                        && (node.op() instanceof Elementwise || producer.op() instanceof Elementwise)
                        && !isForTables(node)
                        && !isForTables(producer)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isForTables(Node node) {
        return node.op().schema().domain().equals(Domains.ML);
    }

    private static final class Grouping {
        private final Graph graph;
        private final FusionCandidates candidates;
        private final RewriteTrace trace;
        private final GraphUses uses;
        private final BitSet elementwise = new BitSet();
        private final ElementMap<Node, FusionGroup> groups;

        /** Line anchors, and the members of groups before them. */
        private final Set<Node> before = Collections.newSetFromMap(new IdentityHashMap<>());

        /**
         * Operators that work on a product or convolution, or on a result of such an operator that has no other users.
         */
        private final Set<Node> afterProducts = Collections.newSetFromMap(new IdentityHashMap<>());

        private Grouping(Graph graph, FusionCandidates candidates, RewriteTrace trace) {
            this.graph = graph;
            this.candidates = candidates;
            this.trace = trace;
            this.uses = graph.uses();
            this.groups = new ElementMap<>(graph.nodes().size());
        }

        private Graph apply() {
            List<Node> nodes = graph.nodes();
            for (Node node : nodes) {
                if (candidates.isElementwise(node)) {
                    elementwise.set(node.number());
                    if (node.inputs().stream().anyMatch(v -> staysWithProduct(node, v))) {
                        afterProducts.add(node);
                    }
                }
            }
            for (int i = nodes.size() - 1; i >= 0; i--) {
                Node node = nodes.get(i);
                if (isElementwise(node)) {
                    join(node);
                } else if (candidates.isAnchor(node)) {
                    if (!attach(node) && candidates.isLineAnchor(node)) {
                        attach(node, new FusionGroup(node));
                    }
                } else if (trace.isKept()) {
                    tellMissingLoop(node);
                }
            }
            return nodes.stream().anyMatch(this::isFused) ? rebuild() : graph;
        }

        private boolean isElementwise(Node node) {
            return elementwise.get(node.number());
        }

        private boolean isFused(Node node) {
            FusionGroup group = groups.get(node);
            return group != null && group.isFused();
        }

        /** The group of all users of a value, if they are all after its anchor or all before it; else null. */
        private FusionGroup groupOfUsers(Value v) {
            if (uses.isOutput(v)) {
                return null;
            }
            FusionGroup group = null;
            boolean isBefore = false;
            for (Node user : uses.users(v)) {
                FusionGroup its = groups.get(user);
                boolean outside = its == null || user == its.anchor() && !isData(user, v) || namesType(user, v);
                if (outside || group != null && (its != group || before.contains(user) != isBefore)) {
                    return null;
                }
                group = its;
                isBefore = before.contains(user);
            }
            return group;
        }

        /** Whether a value with users in one group is used before its anchor. */
        private boolean isUsedBefore(Value v) {
            return before.contains(uses.users(v).getFirst());
        }

        /** Whether a value is the data of a line anchor, and no other operand of it. */
        private boolean isData(Node anchor, Value v) {
            return before.contains(anchor)
                    && anchor.input(0) == v
                    && anchor.inputs().lastIndexOf(v) == 0;
        }

        /** Whether an operator uses the type of a value alone. The shape of the value is then of no importance. */
        private static boolean namesType(Node user, Value v) {
            return user.op() instanceof CastLike && user.input(1) == v;
        }

        private void join(Node node) {
            FusionGroup group = groupOfUsers(node.output());
            boolean isBefore = group != null && isUsedBefore(node.output());
            String reason = group == null ? APART : reasonAgainst(node, group, isBefore);
            if (reason != null) {
                tell(node, reason);
                FusionGroup own = new FusionGroup(node);
                own.add(node, false);
                groups.put(node, own);
                return;
            }
            group.add(node, isBefore);
            groups.put(node, group);
            if (isBefore) {
                before.add(node);
            }
        }

        /** Whether an operator can be fused after the product or convolution that one of its operands comes from. */
        private boolean staysWithProduct(Node node, Value v) {
            return isOfProduct(v)
                    && !FusionCandidates.isSmaller(
                            v.tensorType().shape(), node.output().tensorType().shape());
        }

        /** Why an element-wise operator can't join the group of its users, or null if it can. */
        private String reasonAgainst(Node node, FusionGroup group, boolean isBefore) {
            if (!group.takes(node)) {
                return FULL;
            }
            if (isBefore && afterProducts.contains(node)) {
                return "it stays with the product or convolution that it works on";
            }
            Value whole = isBefore ? group.anchor().input(0) : group.root().output();
            boolean smaller = FusionCandidates.isSmaller(
                    node.output().tensorType().shape(), whole.tensorType().shape());
            return smaller ? "its result is smaller: it would be computed anew for each element of the whole" : null;
        }

        /** Tells the trace why a node is not in the group that it feeds. */
        private void tell(Node node, String reason) {
            String told = trace.isKept() && reason.equals(APART) ? reasonApart(node.output()) : reason;
            if (told != null) {
                trace.refused(NAME, graph.name(), node, told);
            }
        }

        /** Why the users of a value are not in one group; null if none of them is in a group. */
        private String reasonApart(Value v) {
            FusionGroup group = null;
            String reason = null;
            for (Node user : uses.users(v)) {
                FusionGroup its = groups.get(user);
                if (its == null || user == its.anchor() && !isData(user, v)) {
                    reason = user.op().title() + " uses it too";
                } else if (group == null) {
                    group = its;
                } else if (group != its) {
                    reason = "two fused operators use it";
                }
            }
            if (group == null) {
                return null;
            }
            if (uses.isOutput(v)) {
                return "it is an output of the graph";
            }
            return reason == null ? "it is used before an anchor and after it, or for its type" : reason;
        }

        /**
         * Tells the trace of an element-wise operator without a loop for fused operators, if it feeds one with a loop.
         */
        private void tellMissingLoop(Node node) {
            Value v = node.output();
            boolean feeds = v != null
                    && v.symbolic() == null
                    && uses.users(v).stream().anyMatch(user -> groups.containsKey(user) && isElementwise(user));
            if (feeds && node.op() instanceof Elementwise) {
                tell(node, "there is no loop of it in fused operators for these types");
            }
        }

        /**
         * Whether a value comes from a product or convolution, perhaps through operators whose results have no other
         * users.
         */
        private boolean isOfProduct(Value v) {
            Node producer = v == null ? null : v.producer();
            return producer != null
                    && (candidates.isAnchor(producer) && !candidates.isLineAnchor(producer)
                            || afterProducts.contains(producer) && hasOneUser(v));
        }

        /** Whether all uses of a value are operands of one node, or all are outputs. */
        private boolean hasOneUser(Value v) {
            List<Node> its = uses.users(v);
            for (Node user : its) {
                if (user != its.getFirst()) {
                    return false;
                }
            }
            return its.isEmpty() || !uses.isOutput(v);
        }

        /** Makes an operator the anchor of the group that works on its result, if the group can have it. */
        private boolean attach(Node node) {
            FusionGroup group = groupOfUsers(node.output());
            String reason = group == null ? APART : reasonAgainstAnchor(node, group);
            if (reason != null) {
                tell(node, reason);
                return false;
            }
            attach(node, group);
            return true;
        }

        /** Why an operator can't be the anchor of a group, or null. */
        private String reasonAgainstAnchor(Node node, FusionGroup group) {
            if (group.anchor() != null) {
                return "the operators that use its result have another product, convolution or reduction";
            }
            if (!group.takesAnchor(node)) {
                return FULL;
            }
            return fits(node, group) ? null : "the operators that use its result give another type or shape";
        }

        private void attach(Node node, FusionGroup group) {
            boolean ofLines = candidates.isLineAnchor(node);
            group.setAnchor(node, ofLines);
            groups.put(node, group);
            if (ofLines) {
                before.add(node);
            }
        }

        /**
         * Whether a group may work on the result of an anchor. The result has the type of the group's result. Sums of
         * integers are converted to floats first. An anchor that ends with a product may be broadcast.
         */
        private boolean fits(Node anchor, FusionGroup group) {
            TensorType type = anchor.output().tensorType();
            if (FusionCandidates.endsWithProduct(anchor.op())) {
                TensorType result = group.root().output().tensorType();
                return type.dtype() == result.dtype() && !FusionCandidates.isSmaller(type.shape(), result.shape());
            }
            if (!FusionCandidates.givesIntegers(anchor.op())) {
                return type.equals(group.root().output().type());
            }
            List<Node> using = uses.users(anchor.output());
            TensorType floats = new TensorType(DType.FLOAT32, type.shape());
            return uses.count(anchor.output()) == 1
                    && using.getFirst().op() instanceof Cast cast
                    && cast.to() == DType.FLOAT32
                    && floats.equals(group.root().output().type());
        }

        private Graph rebuild() {
            GraphCopy copy = new GraphCopy(graph);
            for (Node node : graph.nodes()) {
                FusionGroup group = groups.get(node);
                if (!isFused(node)) {
                    copy.copy(node);
                } else if (node == group.root()) {
                    trace.fired(NAME, graph.name(), group.emit(copy));
                }
            }
            return copy.build(trace);
        }
    }
}
