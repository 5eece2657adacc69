package dev.tenon.formats.decoder;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Whether two graphs compute the same: the same operators of the same operands, whatever the names and the order of nodes. */
final class GraphMatch {
    private final Deque<Pair> open = new ArrayDeque<>();
    private final Set<Pair> seen = new HashSet<>();

    private GraphMatch() {}

    private record Pair(Value found, Value expected) {}

    /**
     * The first difference that is found, going from the outputs to the inputs.
     *
     * @param found a graph
     * @param expected the graph that it should be
     * @return a text that names the difference; null if there is none
     */
    static String difference(Graph found, Graph expected) {
        if (!signature(found).equals(signature(expected))) {
            return "inputs and outputs " + signature(found) + " in place of " + signature(expected);
        }
        GraphMatch match = new GraphMatch();
        match.follow(found.outputs(), expected.outputs());
        String difference = null;
        while (difference == null && !match.open.isEmpty()) {
            difference = match.step(match.open.pop());
        }
        return difference;
    }

    private static List<String> signature(Graph graph) {
        List<String> all = new ArrayList<>();
        graph.inputs().forEach(value -> all.add(value.name() + ": " + value.type()));
        all.addAll(graph.outputNames());
        return all;
    }

    private void follow(List<Value> found, List<Value> expected) {
        for (int i = 0; i < expected.size(); i++) {
            Pair pair = new Pair(found.get(i), expected.get(i));
            if ((pair.found != null || pair.expected != null) && seen.add(pair)) {
                open.push(pair);
            }
        }
    }

    private String step(Pair pair) {
        Value f = pair.found;
        Value e = pair.expected;
        if (f == null || e == null) {
            return "an operand that is " + (f == null ? "absent" : "'" + f.name() + "'");
        }
        if (f.isConstant() || e.isConstant()) {
            boolean same = f.isConstant() && e.isConstant() && same(f.constant(), e.constant());
            return same ? null : "'" + f.name() + "' in place of the constant or value '" + e.name() + "'";
        }
        Node own = f.producer();
        Node other = e.producer();
        if (own == null || other == null) {
            return own == other && f.name().equals(e.name())
                    ? null
                    : "'" + f.name() + "' in place of '" + e.name() + "'";
        }
        boolean same = own.op().equals(other.op())
                && f.index() == e.index()
                && own.inputs().size() == other.inputs().size();
        if (!same) {
            return own.op() + " as '" + f.name() + "' in place of " + other.op();
        }
        follow(own.inputs(), other.inputs());
        return null;
    }

    private static boolean same(Tensor a, Tensor b) {
        return a == b
                || a.dtype() == b.dtype()
                        && Arrays.equals(a.dims(), b.dims())
                        && a.segment().mismatch(b.segment()) < 0;
    }
}
