package dev.tenon.graph.pass;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphUses;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.op.Op;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Mul;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Fuses the Concats that append keys and values to the cache of a decoder into attention. The extended cache is an
 * output of the attention if it is used elsewhere. If heads are split before the attention and joined after it, the
 * attention does that too.
 *
 * <p>A pass, because a rule replaces the outputs of one node, and here the Concats are replaced too. Linear in the size
 * of the graph.
 */
public final class KvCacheFusion implements Pass {
    /** The name under which traces count what this pass does. */
    public static final String RULE = "attention-past";

    private static final List<Integer> HEADS_FIRST = List.of(0, 2, 1, 3);
    /** For each dimension of a cache, 1 if it grows with each call. */
    private static final long[] LENGTHS = {0, 0, 1, 0};

    private static final int MASK = 3;
    private static final int PAST = 4;
    private static final int VALID = 6;

    /** The pass. */
    public KvCacheFusion() {}

    @Override
    public String name() {
        return "kv-cache-fusion";
    }

    @Override
    public Graph apply(Graph graph, RewriteTrace trace) {
        return new Search(graph, trace).apply();
    }

    /**
     * An attention that is fused with its Concats.
     *
     * @param attention the attention
     * @param keys the Concat of its keys
     * @param values the Concat of its values
     * @param joined the node that joins the heads after it, null if heads stay apart
     */
    private record Found(Node attention, Node keys, Node values, Node joined) {}

    private static final class Search {
        private final Graph graph;
        private final RewriteTrace trace;
        private final GraphUses uses;
        private final Map<Node, Found> found = new IdentityHashMap<>();
        /** The Concats that are fused. */
        private final Set<Node> concats = Collections.newSetFromMap(new IdentityHashMap<>());
        /** The nodes that join heads and are fused. */
        private final Set<Node> joins = Collections.newSetFromMap(new IdentityHashMap<>());

        private final Map<Value, Optional<Node>> readers = new IdentityHashMap<>();

        private Search(Graph graph, RewriteTrace trace) {
            this.graph = graph;
            this.trace = trace;
            this.uses = graph.uses();
        }

        private Graph apply() {
            List<Node> all = new ArrayList<>();
            for (Node node : graph.nodes()) {
                if (node.op() instanceof Attention
                        && (isConcat(node.input(1)) || isConcat(node.input(2)))
                        && node.input(PAST) == null) {
                    all.add(node);
                }
            }
            if (all.isEmpty()) {
                return graph;
            }
            all.forEach(this::find);
            return found.isEmpty() ? graph : rebuild();
        }

        private void find(Node attention) {
            String reason = reasonAgainst(attention);
            if (reason != null) {
                trace.refused(RULE, graph.name(), attention, reason);
                return;
            }
            trace.fired(RULE, graph.name(), attention);
            Node keys = attention.input(1).producer();
            Node values = attention.input(2).producer();
            Found its = new Found(attention, keys, values, joined(attention, keys, values));
            found.put(attention, its);
            concats.add(keys);
            concats.add(values);
            if (its.joined() != null) {
                joins.add(its.joined());
                joins.add(its.joined().input(0).producer());
            }
        }

        /** Why an attention is not fused with its Concats, or null. */
        private String reasonAgainst(Node node) {
            Attention a = (Attention) node.op();
            if (!isConcat(node.input(1)) || !isConcat(node.input(2))) {
                return "only one of keys and values has a past";
            }
            if (node.output() == null) {
                return "its result is left out";
            }
            if (a.queryHeads() != null || node.outputs().size() > 1 || node.input(VALID) != null) {
                return "it has packed heads, valid lengths or more outputs";
            }
            if (a.causal() || a.leftWindow() >= 0 || a.rightWindow() >= 0) {
                return "its mask counts the past as part of this call";
            }
            Node keys = node.input(1).producer();
            Node values = node.input(2).producer();
            if (keys == values) {
                return "the keys are the values";
            }
            if (concats.contains(keys) || concats.contains(values)) {
                return "another attention is fused with the Concats";
            }
            Shape past = shape(keys.input(0));
            Shape q = shape(node.input(0));
            for (int i = 0; i < 2; i++) {
                Shape k = shape(keys.input(i));
                Shape v = shape(values.input(i));
                boolean fits = k.hasRank() && v.hasRank() && k.rank() == 4 && v.rank() == 4 && q.hasRank();
                fits = fits && k.dim(0).equals(q.dim(0)) && k.dim(1).equals(past.dim(1));
                fits = fits && v.dim(0).equals(q.dim(0)) && v.dim(1).equals(past.dim(1));
                if (!fits || !k.dim(2).equals(v.dim(2))) {
                    return "keys of shape " + k + " and values of shape " + v + " are joined";
                }
            }
            return isReadBefore(node, keys) || isReadBefore(node, values) ? "keys or values are used before it" : null;
        }

        /**
         * Whether a Concat can't move to the place of the attention: its result is the queries or the mask, or is read
         * by a node before the attention.
         */
        private boolean isReadBefore(Node attention, Node concat) {
            if (attention.input(0) == concat.output() || attention.input(MASK) == concat.output()) {
                return true;
            }
            Optional<Node> first = readers.computeIfAbsent(concat.output(), this::firstReader);
            return first.isPresent() && first.get().number() < attention.number();
        }

        /** The first node that reads the elements of a value, and not its shape alone. */
        private Optional<Node> firstReader(Value v) {
            return uses.users(v).stream().filter(user -> !isShape(user)).findFirst();
        }

        /** The Reshape that joins the heads, if the attention can split and join them itself; else null. */
        private Node joined(Node attention, Node keys, Node values) {
            boolean split = isSplit(attention.input(0)) && isSplit(keys.input(1)) && isSplit(values.input(1));
            Node transposed = onlyUser(attention.output());
            if (!split || transposed == null || !isHeadsFirst(transposed)) {
                return null;
            }
            Node joined = onlyUser(transposed.output());
            if (joined == null || !(joined.op() instanceof Reshape)) {
                return null;
            }
            Shape y = shape(joined.output());
            Shape apart = shape(transposed.output());
            boolean fits = y.hasRank()
                    && y.rank() == 3
                    && y.dim(0).equals(apart.dim(0))
                    && y.dim(1).equals(apart.dim(1));
            return fits ? joined : null;
        }

        /** The only node that uses a value, or null if there are others or the value is an output. */
        private Node onlyUser(Value v) {
            List<Node> all = uses.users(v);
            return all.size() == 1 && !uses.isOutput(v) ? all.getFirst() : null;
        }

        private Graph rebuild() {
            GraphCopy copy = new GraphCopy(graph);
            for (Node node : graph.nodes()) {
                Found its = found.get(node);
                if (its != null) {
                    emit(its, copy);
                } else if (isShape(node) && concats.contains(node.input(0).producer())) {
                    if (node.output() != null) {
                        copy.replace(node.output(), sizes(node, copy));
                    }
                } else if (!concats.contains(node) && !joins.contains(node)) {
                    copy.copy(node);
                }
            }
            return copy.build(trace);
        }

        private static int place(long axis) {
            return Math.clamp(axis < 0 ? axis + LENGTHS.length : axis, 0, LENGTHS.length);
        }

        /**
         * The sizes of an extended cache, computed from the sizes of its parts. The attention gives the cache itself,
         * and its other operands may depend on the sizes.
         */
        private static Value sizes(Node shape, GraphCopy copy) {
            Node concat = shape.input(0).producer();
            Value past = added(shape.op(), copy, "past_sizes", copy.of(concat.input(0)));
            Value added = added(shape.op(), copy, "added_sizes", copy.of(concat.input(1)));
            dev.tenon.op.shape.Shape of = (dev.tenon.op.shape.Shape) shape.op();
            int from = place(of.start());
            Value lengths =
                    copy.constant(Tensor.of(Arrays.copyOfRange(LENGTHS, from, Math.max(from, place(of.end())))));
            Value more = added(new Mul(), copy, "added_length", added, lengths);
            return copy.builder()
                    .add(
                            new Add(),
                            shape.name(),
                            List.of(past, more),
                            List.of(shape.output().name()))
                    .getFirst();
        }

        private static Value added(Op op, GraphCopy copy, String name, Value... operands) {
            return copy.builder()
                    .add(op, "", List.of(operands), List.of(copy.fresh(name)))
                    .getFirst();
        }

        private boolean isUsedElsewhere(Value v) {
            return uses.isOutput(v)
                    || uses.users(v).stream().filter(n -> !isShape(n)).count() > 1;
        }

        private void emit(Found f, GraphCopy copy) {
            Node node = f.attention();
            boolean packed = f.joined() != null;
            Attention a = (Attention) node.op();
            Value q = node.input(0);
            Value k = f.keys().input(1);
            Value v = f.values().input(1);
            Attention op = a.withHeads(packed ? (Long) heads(q) : null, packed ? (Long) heads(k) : null);
            List<Value> operands = new ArrayList<>(Arrays.asList(
                    copy.of(packed ? packed(q) : q),
                    copy.of(packed ? packed(k) : k),
                    copy.of(packed ? packed(v) : v),
                    copy.of(node.input(3)),
                    copy.of(f.keys().input(0)),
                    copy.of(f.values().input(0))));
            Value y = packed ? f.joined().output() : node.output();
            Value keys = f.keys().output();
            Value values = f.values().output();
            List<String> names = new ArrayList<>(List.of(y.name()));
            boolean present = isUsedElsewhere(keys) || isUsedElsewhere(values);
            if (present) {
                names.addAll(List.of(keys.name(), values.name()));
            }
            List<Value> results = copy.builder().add(op, node.name(), operands, names);
            copy.replace(y, results.get(0));
            if (present) {
                copy.replace(keys, results.get(1));
                copy.replace(values, results.get(2));
            }
        }
    }

    private static Shape shape(Value v) {
        return v.tensorType() == null ? Shape.unknownRank() : v.tensorType().shape();
    }

    /** Whether a value is a Concat of two others along the third of four dimensions. */
    private static boolean isConcat(Value v) {
        if (v.producer() == null || !(v.producer().op() instanceof Concat c)) {
            return false;
        }
        Shape shape = shape(v);
        boolean lengths = c.axis() == -2 || c.axis() == 2;
        return lengths
                && shape.hasRank()
                && shape.rank() == 4
                && v.producer().inputs().size() == 2;
    }

    private static boolean isShape(Node node) {
        return node.op() instanceof dev.tenon.op.shape.Shape;
    }

    private static boolean isHeadsFirst(Node node) {
        return node.op() instanceof Transpose t && t.perm().equals(HEADS_FIRST);
    }

    /**
     * Whether heads are split from a packed value: [batch, length, heads * size] becomes [batch, heads, length, size].
     */
    private static boolean isSplit(Value v) {
        if (v.producer() == null || !isHeadsFirst(v.producer())) {
            return false;
        }
        Node reshape = v.producer().input(0).producer();
        if (reshape == null || !(reshape.op() instanceof Reshape)) {
            return false;
        }
        Shape packed = shape(reshape.input(0));
        Shape apart = shape(reshape.output());
        return packed.hasRank()
                && packed.rank() == 3
                && apart.rank() == 4
                && apart.dim(2).isKnown()
                && apart.dim(3).isKnown()
                && packed.dim(0).equals(apart.dim(0))
                && packed.dim(1).equals(apart.dim(1))
                && packed.dim(2).equals(apart.dim(2).times(apart.dim(3)));
    }

    /** The packed value whose heads are split. */
    private static Value packed(Value v) {
        return v.producer().input(0).producer().input(0);
    }

    private static long heads(Value v) {
        return shape(v).dim(1).value();
    }
}
