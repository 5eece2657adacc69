package dev.tenon.graph.pass;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.op.Op;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.ValueType;
import java.lang.foreign.ValueLayout;
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

    /** A node by its operator and operands. Operators are compared last, since that takes longest. */
    private record Key(Op op, List<Value> operands, int outputs) {
        @Override
        public boolean equals(Object o) {
            return o instanceof Key k
                    && outputs == k.outputs
                    && operands.equals(k.operands)
                    && op.getClass() == k.op.getClass()
                    && op.equals(k.op);
        }

        @Override
        public int hashCode() {
            return (operands.hashCode() * 31 + outputs) * 31 + System.identityHashCode(op.getClass());
        }
    }

    /** A small constant by its contents. */
    private record ConstantKey(ValueType type, byte[] bytes) {
        @Override
        public boolean equals(Object o) {
            return o instanceof ConstantKey k && Arrays.equals(bytes, k.bytes) && type.equals(k.type);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
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
        if (hasNoDuplicates(graph)) {
            return graph;
        }
        GraphCopy copy = new GraphCopy(graph);
        Map<Key, List<Value>> seen = new HashMap<>();
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
        boolean changed = false;
        for (Node node : graph.nodes()) {
            Op op = Bodies.apply(this, node, trace);
            changed |= node.op() instanceof GraphOp && !op.equals(node.op());
            Key key = new Key(op, copy.operands(node), node.outputs().size());
            List<Value> before = op.deterministic() ? seen.get(key) : null;
            if (before == null || !covers(before, node)) {
                seen.putIfAbsent(key, copy.copy(node, op));
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
        boolean same = !changed
                && result.nodes().size() == graph.nodes().size()
                && result.constants().size() == graph.constants().size();
        if (same) {
            return graph;
        }
        trace.copied(graph, result, copy::find);
        return result;
    }

    /** Whether no two nodes and no two small constants are equal, and there are no bodies. */
    private static boolean hasNoDuplicates(Graph graph) {
        Set<Object> keys = new HashSet<>();
        for (Value v : graph.constants()) {
            if (isSmall(v) && !keys.add(key(v))) {
                return false;
            }
        }
        for (Node node : graph.nodes()) {
            Key key = new Key(node.op(), node.inputs(), node.outputs().size());
            if (node.op() instanceof GraphOp || !keys.add(key)) {
                return false;
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
