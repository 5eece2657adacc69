package dev.tenon.graph.pass;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.kernel.FusedKernels;
import dev.tenon.op.Op;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.SqueezeExcite;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.CastLike;
import dev.tenon.op.math.Elementwise;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Makes one {@link Fused} operator of element-wise operators that feed each other, and of the product or convolution
 * whose result they work on. The last pass: what is fused no rule sees any more.
 *
 * <p>From the end of the graph, an operator joins the group of those that use its result if all of them are in that one
 * group, so that a group has one result and nothing else comes of its intermediate ones. Operators whose result is
 * smaller than the group's stay outside: inside they would be computed once for each element. Shape arithmetic stays for
 * the planner. A group of one operator without an anchor stays as it is. Bodies of control operators are graphs of their
 * own, fused when they are prepared to run. Linear in the size of the graph.
 */
public final class Fusion implements Pass {
    private static final int MOST_PARTS = 32;
    private static final int MOST_OPERANDS = 64;
    private static final int MOST_CONV_RANK = 4;

    /** The pass. */
    public Fusion() {}

    @Override
    public String name() {
        return "fusion";
    }

    @Override
    public Graph apply(Graph graph) {
        return new Grouping(graph).apply();
    }

    /** Operators that are to be one. */
    private static final class Group {
        private final Node root;
        /** The members, last one first. */
        private final Deque<Node> members = new ArrayDeque<>();

        private int operands;
        private Node anchor;

        private Group(Node root) {
            this.root = root;
            add(root);
        }

        private void add(Node node) {
            members.addFirst(node);
            operands += node.inputs().size();
        }

        private boolean takes(Node node) {
            return members.size() < MOST_PARTS && operands + node.inputs().size() <= MOST_OPERANDS;
        }

        /** The name of the anchor, or of the last member that has one. */
        private String name() {
            String name = anchor == null ? "" : anchor.name();
            for (Iterator<Node> i = members.descendingIterator(); i.hasNext() && name.isEmpty(); ) {
                name = i.next().name();
            }
            return name;
        }

        private boolean isFused() {
            return anchor != null || members.size() > 1;
        }
    }

    private static final class Grouping {
        private final Graph graph;
        private final Map<Value, List<Node>> users = new IdentityHashMap<>();
        private final Map<Node, Group> groups = new IdentityHashMap<>();

        private Grouping(Graph graph) {
            this.graph = graph;
        }

        private Graph apply() {
            for (Node node : graph.nodes()) {
                for (Value v : node.inputs()) {
                    if (v != null) {
                        users.computeIfAbsent(v, key -> new ArrayList<>()).add(node);
                    }
                }
            }
            for (Value v : graph.outputs()) {
                users.computeIfAbsent(v, key -> new ArrayList<>()).add(null);
            }
            List<Node> nodes = graph.nodes();
            for (int i = nodes.size() - 1; i >= 0; i--) {
                Node node = nodes.get(i);
                if (isElementwise(node)) {
                    join(node);
                } else if (isAnchor(node)) {
                    attach(node);
                }
            }
            return groups.values().stream().anyMatch(Group::isFused) ? rebuild() : graph;
        }

        /** The one group in which all users of a value are, or null. */
        private Group groupOfUsers(Value v) {
            Group group = null;
            for (Node user : users.getOrDefault(v, List.of())) {
                Group its = user == null ? null : groups.get(user);
                boolean outside = its == null || user == its.anchor || namesType(user, v);
                if (outside || group != null && its != group) {
                    return null;
                }
                group = its;
            }
            return group;
        }

        /** Whether an operator looks at the type of a value alone, whose shape need not be that of the result then. */
        private static boolean namesType(Node user, Value v) {
            return user.op() instanceof CastLike && user.input(1) == v;
        }

        private void join(Node node) {
            Group group = groupOfUsers(node.output());
            if (group == null
                    || !group.takes(node)
                    || isSmaller(
                            node.output().tensorType().shape(),
                            group.root.output().tensorType().shape())) {
                groups.put(node, new Group(node));
                return;
            }
            group.add(node);
            groups.put(node, group);
        }

        private void attach(Node node) {
            Group group = groupOfUsers(node.output());
            if (group == null
                    || group.anchor != null
                    || group.operands + node.inputs().size() > MOST_OPERANDS
                    || !feeds(node, group)) {
                return;
            }
            group.anchor = node;
            group.operands += node.inputs().size();
            groups.put(node, group);
        }

        /**
         * Whether a group may work on the result of an anchor: on floats, or on sums of integers made floats first, of the
         * group's own shape unless the anchor broadcasts as the group does.
         */
        private boolean feeds(Node anchor, Group group) {
            TensorType type = anchor.output().tensorType();
            if (isGates(anchor.op())) {
                TensorType result = group.root.output().tensorType();
                return type.dtype() == result.dtype() && !isSmaller(type.shape(), result.shape());
            }
            if (!(anchor.op() instanceof MatMulInteger)) {
                return type.equals(group.root.output().type());
            }
            List<Node> using = users.get(anchor.output());
            TensorType floats = new TensorType(DType.FLOAT32, type.shape());
            return using.size() == 1
                    && using.getFirst().op() instanceof Cast cast
                    && cast.to() == DType.FLOAT32
                    && floats.equals(group.root.output().type());
        }

        private Graph rebuild() {
            GraphCopy copy = new GraphCopy(graph);
            for (Node node : graph.nodes()) {
                Group group = groups.get(node);
                if (group == null || !group.isFused()) {
                    copy.copy(node);
                } else if (node == group.root) {
                    emit(group, copy);
                }
            }
            return copy.build();
        }
    }

    /** Whether an operator can be a part of a fused one. */
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

    /** Whether an operator can be one whose result a fused one works on. */
    static boolean isAnchor(Node node) {
        if (Fused.ANCHORS.definition(node.op()) == null
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
        if (node.op() instanceof ChannelsLast last && !isGates(last) && !(last.op() instanceof Conv)) {
            return false;
        }
        if (node.op() instanceof Conv) {
            return type.dtype() == DType.FLOAT32 && shape.hasRank() && shape.rank() <= MOST_CONV_RANK;
        }
        return type.dtype() == DType.FLOAT32 || type.dtype() == DType.FLOAT64;
    }

    /** Whether an operator's last stage is an element-wise product, which may be broadcast as others are. */
    private static boolean isGates(Op op) {
        return op instanceof SqueezeExcite || op instanceof ChannelsLast last && last.op() instanceof SqueezeExcite;
    }

    private static boolean isSingle(Value v) {
        return v == null
                || v.tensorType().shape().isKnown() && v.tensorType().shape().knownElements() == 1;
    }

    /** Whether a shape that broadcasts to another one surely has fewer elements, where that has any. */
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

    /** Adds the operator of a group in the place of its last member. */
    private static void emit(Group group, GraphCopy copy) {
        List<Value> inputs = new ArrayList<>();
        Map<Value, Integer> numbers = new IdentityHashMap<>();
        if (group.anchor != null) {
            inputs.addAll(group.anchor.inputs());
        }
        Map<Value, Integer> made = new IdentityHashMap<>();
        List<Node> parts = new ArrayList<>(group.members);
        if (group.anchor != null && group.anchor.op() instanceof MatMulInteger) {
            // Sums of integers become floats before anything else is done.
            parts.sort(Comparator.comparing(part -> part.input(0) != group.anchor.output()));
        }
        if (group.anchor != null) {
            made.put(group.anchor.output(), 0);
        }
        for (Node part : parts) {
            made.put(part.output(), made.size());
        }
        for (Node part : parts) {
            for (Value v : part.inputs()) {
                if (v != null && !made.containsKey(v) && !numbers.containsKey(v)) {
                    numbers.put(v, inputs.size());
                    inputs.add(v);
                }
            }
        }
        made.forEach((v, index) -> numbers.put(v, inputs.size() + index));
        Fused.Part anchor = group.anchor == null ? null : anchor(group.anchor);
        List<Fused.Part> body = parts.stream().map(n -> part(n, numbers)).toList();
        List<Value> operands = new ArrayList<>();
        for (Value v : inputs) {
            operands.add(copy.of(v));
        }
        Value output = group.root.output();
        Fused op = new Fused(inputs.size(), anchor, body);
        copy.replace(
                output,
                copy.builder()
                        .add(op, group.name(), operands, List.of(output.name()))
                        .getFirst());
    }

    private static Fused.Part anchor(Node node) {
        return new Fused.Part(
                node.op(), IntStream.range(0, node.inputs().size()).boxed().toList());
    }

    private static Fused.Part part(Node node, Map<Value, Integer> numbers) {
        List<Integer> operands = new ArrayList<>();
        for (Value v : node.inputs()) {
            operands.add(v == null ? Fused.ABSENT : numbers.get(v));
        }
        return new Fused.Part(node.op(), operands);
    }
}
