package dev.tenon.graph.pass;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.ValueType;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Eliminates common subexpressions: several nodes with the same operator and operands become one, and so do several
 * small constants with the same contents. Each body of a control operator is treated by itself.
 */
public final class CommonSubexpressions implements Pass {
    private static final String NAME = "common-subexpressions";

    private static final long MAX_COMPARED_BYTES = 4096;

    /**
     * The most operators of one class that are told apart on the same operands. A further one is not compared: the time
     * of the pass would grow with the square of their number.
     */
    private static final int MAX_OPERATORS = 64;

    /** Nodes by the class of their operators and their operands. */
    private record Key(Class<?> operator, List<Value> operands, int outputs) {
        private static Key of(Op op, List<Value> operands, int outputs) {
            return new Key(op.getClass(), operands, outputs);
        }

        @Override
        public boolean equals(Object o) {
            return o instanceof Key k && outputs == k.outputs && operator == k.operator && operands.equals(k.operands);
        }

        @Override
        public int hashCode() {
            return (operands.hashCode() * 31 + outputs) * 31 + System.identityHashCode(operator);
        }
    }

    /** An operator that was met on some operands, and the outputs of its node. */
    private record Met(Op op, List<Value> results) {}

    /** A small constant by its contents. The order keeps a map of constants fast whose hashes are equal. */
    private record ConstantKey(ValueType type, byte[] bytes) implements Comparable<ConstantKey> {
        @Override
        public boolean equals(Object o) {
            return o instanceof ConstantKey k && Arrays.equals(bytes, k.bytes) && type.equals(k.type);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }

        @Override
        public int compareTo(ConstantKey other) {
            int order = Arrays.compare(bytes, other.bytes);
            return order != 0 ? order : type.toString().compareTo(other.type.toString());
        }
    }

    /** The pass. */
    public CommonSubexpressions() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Graph apply(Graph graph, RewriteTrace trace) {
        Bodies bodies = Bodies.after(this, graph, trace);
        if (!bodies.haveChanged() && hasNoDuplicates(graph)) {
            return graph;
        }
        GraphCopy copy = new GraphCopy(graph);
        Map<Key, List<Met>> seen = new HashMap<>();
        Map<ConstantKey, Value> constants = new HashMap<>();
        for (Value v : graph.constants()) {
            if (isSmall(v)) {
                Value first = constants.putIfAbsent(key(v), v);
                if (first != null) {
                    copy.replace(v, copy.of(first));
                    trace.fired(NAME, graph.name(), v);
                }
            }
        }
        for (Node node : graph.nodes()) {
            Op op = bodies.op(node);
            List<Met> met = seen.computeIfAbsent(
                    Key.of(op, copy.operands(node), node.outputs().size()), key -> new ArrayList<>(1));
            List<Value> before = op.deterministic() ? find(met, op) : null;
            if (before == null || !covers(before, node)) {
                List<Value> results = copy.copy(node, op);
                if (before == null && met.size() < MAX_OPERATORS) {
                    met.add(new Met(op, results));
                }
                continue;
            }
            trace.fired(NAME, graph.name(), node);
            for (int i = 0; i < node.outputs().size(); i++) {
                if (node.outputs().get(i) != null) {
                    copy.replace(node.outputs().get(i), before.get(i));
                }
            }
        }
        Graph result = copy.build();
        boolean same = !bodies.haveChanged()
                && result.nodes().size() == graph.nodes().size()
                && result.constants().size() == graph.constants().size();
        if (same) {
            return graph;
        }
        trace.copied(graph, result, copy::find);
        return result;
    }

    /** The outputs of a node with an equal operator, or null if none was met. */
    private static List<Value> find(List<Met> met, Op op) {
        for (Met each : met) {
            if (each.op.equals(op)) {
                return each.results;
            }
        }
        return null;
    }

    /** Whether no two nodes and no two small constants are equal. */
    private static boolean hasNoDuplicates(Graph graph) {
        Set<ConstantKey> constants = new HashSet<>();
        for (Value v : graph.constants()) {
            if (isSmall(v) && !constants.add(key(v))) {
                return false;
            }
        }
        Map<Key, List<Met>> seen = new HashMap<>();
        for (Node node : graph.nodes()) {
            List<Met> met = seen.computeIfAbsent(
                    Key.of(node.op(), node.inputs(), node.outputs().size()), key -> new ArrayList<>(1));
            if (find(met, node.op()) != null) {
                return false;
            }
            if (met.size() < MAX_OPERATORS) {
                met.add(new Met(node.op(), List.of()));
            }
        }
        return true;
    }

    private static boolean isSmall(Value v) {
        return v.constant().dtype() != DType.STRING && v.constant().byteSize() <= MAX_COMPARED_BYTES;
    }

    /** Whether results that are known have a value for each output of a node. */
    private static boolean covers(List<Value> before, Node node) {
        for (int i = 0; i < node.outputs().size(); i++) {
            if (node.outputs().get(i) != null && before.get(i) == null) {
                return false;
            }
        }
        return true;
    }

    private static ConstantKey key(Value v) {
        return new ConstantKey(v.type(), v.constant().segment().toArray(ValueLayout.JAVA_BYTE));
    }
}
