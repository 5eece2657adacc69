package dev.tenon.graph;

import dev.tenon.op.InferContext;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Checks the promises of {@link GraphBuilder} on a finished graph: each value is defined once and before it is used,
 * names are unique, operators accept their operands, and types are those that inference gives. Tests run it after each
 * pass and rule.
 */
public final class GraphVerifier {
    private GraphVerifier() {}

    /**
     * Checks a graph and its bodies.
     *
     * @param graph the graph
     * @throws InvalidGraphException if a rule of graphs is broken
     * @throws dev.tenon.error.InvalidOperandException if a node does not type-check
     */
    public static void verify(Graph graph) {
        Set<Value> defined = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<String> names = new HashSet<>();
        for (Value v : graph.inputs()) {
            define(v, defined, names);
        }
        for (Value v : graph.constants()) {
            if (!v.isConstant() || !v.constant().type().equals(v.type())) {
                throw new InvalidGraphException(
                        "constant '" + v.name() + "'", v.type().toString(), "the type of its tensor", null);
            }
            define(v, defined, names);
        }
        for (Node node : graph.nodes()) {
            verify(node, defined);
            for (Value v : node.outputs()) {
                if (v != null) {
                    define(v, defined, names);
                }
            }
        }
        for (Value v : graph.outputs()) {
            require(defined, v, "output");
        }
        if (new HashSet<>(graph.outputNames()).size() != graph.outputs().size()) {
            throw new InvalidGraphException(
                    "graph '" + graph.name() + "'", "output names " + graph.outputNames(), "each name once", null);
        }
    }

    private static void verify(Node node, Set<Value> defined) {
        List<InferContext.Operand> operands = new ArrayList<>();
        for (Value v : node.inputs()) {
            if (v != null) {
                require(defined, v, node.toString());
            }
            operands.add(v == null ? null : v.operand());
        }
        InferContext c = new InferContext(
                node.op(), node.name(), operands, node.outputs().size(), () -> Dim.symbol("?verify"));
        node.op().schema().check(c);
        List<ValueType> types = node.op().infer(c);
        for (int i = 0; i < node.outputs().size(); i++) {
            Value v = node.outputs().get(i);
            if (v == null) {
                continue;
            }
            if (v.producer() != node || v.index() != i) {
                throw new InvalidGraphException(node.toString(), v + " as output " + i, "values of this node", null);
            }
            if (!sameKind(v.type(), types.get(i))) {
                throw new InvalidGraphException(
                        node.toString(), "output " + v, types.get(i).toString(), null);
            }
        }
        if (node.op() instanceof GraphOp control) {
            control.bodies().forEach(GraphVerifier::verify);
        }
    }

    /**
     * Whether types are equal apart from dimensions that are only known at run time, which each inference names anew,
     * and from long expressions, which builders replace by such a dimension.
     */
    private static boolean sameKind(ValueType a, ValueType b) {
        if (a instanceof TensorType x && b instanceof TensorType y) {
            return x.dtype() == y.dtype() && sameKind(x.shape(), y.shape());
        }
        return unnumbered(a).equals(unnumbered(b));
    }

    private static boolean sameKind(Shape a, Shape b) {
        if (!a.hasRank() || !b.hasRank() || a.rank() != b.rank()) {
            return a.hasRank() == b.hasRank() && (!a.hasRank() || a.rank() == b.rank());
        }
        for (int i = 0; i < a.rank(); i++) {
            Dim d = a.dim(i);
            boolean runTime = d.toString().matches("\\?[0-9]+") && !b.dim(i).isKnown();
            if (!runTime && !unnumbered(d).equals(unnumbered(b.dim(i)))) {
                return false;
            }
        }
        return true;
    }

    private static String unnumbered(Object typeOrDim) {
        return typeOrDim.toString().replaceAll("\\?[0-9a-z]+", "?");
    }

    private static void define(Value v, Set<Value> defined, Set<String> names) {
        if (!defined.add(v) || !names.add(v.name())) {
            throw new InvalidGraphException("value '" + v.name() + "'", "a second definition", "one", null);
        }
    }

    private static void require(Set<Value> defined, Value v, String user) {
        if (!defined.contains(v)) {
            throw new InvalidGraphException(user, v + " is used before it is defined", "values defined before", null);
        }
    }
}
