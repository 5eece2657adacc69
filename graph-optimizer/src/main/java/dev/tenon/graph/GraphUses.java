package dev.tenon.graph;

import dev.tenon.op.Op;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How often the values of a graph are used, and the nodes on which an output depends. Immutable. See {@link Graph#uses}.
 *
 * <p>Values and nodes of another graph must not be asked for: the answer would be that of those with the same numbers.
 */
public final class GraphUses {
    private final int[] counts;
    /** The uses by nodes that are live; the same array if all are. */
    private final int[] live;

    private final BitSet liveNodes = new BitSet();
    private final BitSet outputs = new BitSet();
    private final Set<Class<? extends Op>> operators = new HashSet<>();
    private final List<Node> nodes;
    /** Null until they are asked for. Threads that ask at the same time make equal ones. */
    private Users users;

    /** The users of all values, those of each one after another. The first of a value is found by its number. */
    private record Users(List<Node> nodes, int[] first) {
        private static Users of(List<Node> nodes, int values) {
            int[] first = new int[values + 1];
            for (Node node : nodes) {
                count(node, first);
            }
            for (int i = values, end = Arrays.stream(first).sum(); i >= 0; i--) {
                end -= first[i];
                first[i] = end;
            }
            Node[] all = new Node[first[values]];
            int[] next = first.clone();
            for (Node node : nodes) {
                for (Value v : node.inputs()) {
                    if (v != null) {
                        all[next[v.number()]++] = node;
                    }
                }
            }
            return new Users(Arrays.asList(all), first);
        }

        private List<Node> of(Value v) {
            return Collections.unmodifiableList(nodes.subList(first[v.number()], first[v.number() + 1]));
        }
    }

    GraphUses(Graph graph) {
        this.nodes = graph.nodes();
        int[] needed = new int[graph.valueCount()];
        for (Value v : graph.outputs()) {
            needed[v.number()]++;
            outputs.set(v.number());
        }
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node node = nodes.get(i);
            if (isUsed(node, needed)) {
                liveNodes.set(node.number());
                operators.add(node.op().getClass());
                count(node, needed);
            }
        }
        this.live = needed;
        this.counts = liveNodes.cardinality() == nodes.size() ? needed : all(graph);
    }

    private static int[] all(Graph graph) {
        int[] counts = new int[graph.valueCount()];
        graph.outputs().forEach(v -> counts[v.number()]++);
        graph.nodes().forEach(node -> count(node, counts));
        return counts;
    }

    private static void count(Node node, int[] counts) {
        for (Value v : node.inputs()) {
            if (v != null) {
                counts[v.number()]++;
            }
        }
    }

    private static boolean isUsed(Node node, int[] counts) {
        for (Value v : node.outputs()) {
            if (v != null && counts[v.number()] > 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * How often nodes and outputs of the graph use a value.
     *
     * @param v a value of the graph
     * @return the operands and outputs that are this value
     */
    public int count(Value v) {
        return counts[v.number()];
    }

    /**
     * The nodes that use a value.
     *
     * @param v a value of the graph
     * @return a node for each operand that is this value, in the order of the nodes
     */
    public List<Node> users(Value v) {
        Users known = users;
        if (known == null) {
            known = Users.of(nodes, counts.length);
            users = known;
        }
        return known.of(v);
    }

    /**
     * Whether a value is an output of the graph.
     *
     * @param v a value of the graph
     * @return true if it is
     */
    public boolean isOutput(Value v) {
        return outputs.get(v.number());
    }

    /**
     * How often a value is used by outputs of the graph, and by nodes on which an output depends.
     *
     * @param v a value of the graph
     * @return the operands and outputs that are this value; 0 if no output depends on it
     */
    public int liveCount(Value v) {
        return live[v.number()];
    }

    /**
     * Whether an output depends on a node.
     *
     * @param node a node of the graph
     * @return true if one does
     */
    public boolean isLive(Node node) {
        return liveNodes.get(node.number());
    }

    /**
     * The operators of nodes on which an output depends.
     *
     * @return their classes
     */
    public Set<Class<? extends Op>> operators() {
        return Collections.unmodifiableSet(operators);
    }

    /**
     * The number of nodes on which an output depends.
     *
     * @return at most the number of nodes of the graph
     */
    public int liveNodes() {
        return liveNodes.cardinality();
    }
}
