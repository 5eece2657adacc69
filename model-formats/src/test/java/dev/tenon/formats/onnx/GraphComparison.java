package dev.tenon.formats.onnx;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/** Compares graphs. Ignores the names of inner values, and nodes that only pass a value on. */
public final class GraphComparison {
    private final Map<Value, Value> pairs = new IdentityHashMap<>();
    private final Set<String> names = new HashSet<>();

    private GraphComparison() {}

    /** A description of the first difference, or null if there is none. */
    public static String difference(Graph a, Graph b) {
        return new GraphComparison().compare(a, b, true);
    }

    private String compare(Graph a, Graph b, boolean named) {
        if (a.inputs().size() != b.inputs().size()
                || a.outputs().size() != b.outputs().size()
                || named && !a.outputNames().equals(b.outputNames())) {
            return "inputs and outputs of " + a.name();
        }
        for (int i = 0; i < a.inputs().size(); i++) {
            Value x = a.inputs().get(i);
            Value y = b.inputs().get(i);
            if (!kind(x).equals(kind(y)) || named && !x.name().equals(y.name())) {
                return x + " became " + y;
            }
            pairs.put(x, y);
        }
        Map<Value, Value> aliases = new IdentityHashMap<>();
        List<Node> left = passing(a, aliases);
        List<Node> right = passing(b, aliases);
        if (left.size() != right.size()) {
            return left.size() + " nodes became " + right.size() + " in " + a.name();
        }
        for (int i = 0; i < left.size(); i++) {
            String found = compare(left.get(i), right.get(i), aliases);
            if (found != null) {
                return found;
            }
        }
        for (int i = 0; i < a.outputs().size(); i++) {
            if (!same(a.outputs().get(i), b.outputs().get(i), aliases)) {
                return "output " + a.outputs().get(i) + " became " + b.outputs().get(i);
            }
        }
        return null;
    }

    /** The kind of a value without the numbers in symbols of dimensions, which differ. */
    private static String kind(Value v) {
        return v.type().toString().replaceAll("\\?[0-9]+", "?");
    }

    private static List<Node> passing(Graph graph, Map<Value, Value> aliases) {
        List<Node> kept = new ArrayList<>();
        for (Node node : graph.nodes()) {
            if (node.op().schema().qualifiedName().equals("Identity")) {
                aliases.put(node.output(), node.input(0));
            } else {
                kept.add(node);
            }
        }
        return kept;
    }

    private static Value resolve(Value v, Map<Value, Value> aliases) {
        Value at = v;
        while (aliases.containsKey(at)) {
            at = aliases.get(at);
        }
        return at;
    }

    private boolean same(Value a, Value b, Map<Value, Value> aliases) {
        if (a == null || b == null) {
            return a == b;
        }
        Value x = resolve(a, aliases);
        Value y = resolve(b, aliases);
        if (x.isConstant() && y.isConstant()) {
            return x.constant().type().equals(y.constant().type())
                    && x.constant().contentEquals(y.constant());
        }
        return pairs.get(x) == y;
    }

    private String compare(Node a, Node b, Map<Value, Value> aliases) {
        boolean sameInputs = a.inputs().size() == b.inputs().size();
        for (int i = 0; sameInputs && i < a.inputs().size(); i++) {
            sameInputs = same(a.inputs().get(i), b.inputs().get(i), aliases);
        }
        // A name of a node occurs once in a file. The writer numbers names that repeat.
        boolean sameName = b.name().equals(a.name())
                || names.contains(a.name()) && b.name().matches(Pattern.quote(a.name()) + "_[0-9]+");
        names.add(a.name());
        if (!sameName
                || !a.op().schema().qualifiedName().equals(b.op().schema().qualifiedName())
                || !sameInputs
                || a.outputs().size() != b.outputs().size()) {
            return a + " became " + b;
        }
        for (int i = 0; i < a.outputs().size(); i++) {
            Value x = a.outputs().get(i);
            Value y = b.outputs().get(i);
            if ((x == null) != (y == null) || x != null && !kind(x).equals(kind(y))) {
                return x + " became " + y;
            }
            if (x != null) {
                pairs.put(x, y);
            }
        }
        return compare(a, a.op().attributes(), b.op().attributes());
    }

    private String compare(Node node, Attributes a, Attributes b) {
        if (!a.names().equals(b.names())) {
            return node + " with " + a + " became one with " + b;
        }
        for (String name : a.names()) {
            Object x = a.get(name).orElseThrow();
            Object y = b.get(name).orElseThrow();
            if (x instanceof Graph g && y instanceof Graph h) {
                String found = new GraphComparison().compare(g, h, false);
                if (found != null) {
                    return node + ", " + found;
                }
            } else if (x instanceof Tensor s && y instanceof Tensor t) {
                if (!s.type().equals(t.type()) || !s.contentEquals(t)) {
                    return node + ", " + name;
                }
            } else if (!Objects.equals(x, y)) {
                return node + ", " + name + " " + x + " became " + y;
            }
        }
        return null;
    }
}
