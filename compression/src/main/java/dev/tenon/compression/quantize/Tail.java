package dev.tenon.compression.quantize;

import dev.tenon.Model;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphIndex;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.math.BinaryFunction;
import dev.tenon.op.math.Clip;
import dev.tenon.op.math.Max;
import dev.tenon.op.math.Min;
import dev.tenon.op.math.UnaryFunction;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The element-wise operators through which a value goes: each takes nothing but the value, what others of them make of it, and
 * single numbers. Hard swish is an example. If one value comes out, the quantiser judges the range of the first by it.
 */
final class Tail {
    private static final String INPUT = "x";
    private static final String OUTPUT = "y";

    private Tail() {}

    /**
     * The function of the operators after a value.
     *
     * @return null if there are none, or if more than one value comes out of them
     */
    static UnaryOperator<float[]> of(Value v, GraphIndex index) {
        Set<Value> inside = Collections.newSetFromMap(new IdentityHashMap<>());
        inside.add(v);
        List<Node> nodes = new ArrayList<>();
        boolean isGrown = true;
        while (isGrown) {
            isGrown = false;
            for (Value each : List.copyOf(inside)) {
                for (Node user : index.consumers(each)) {
                    if (!nodes.contains(user) && isInside(user, inside)) {
                        nodes.add(user);
                        inside.add(user.output());
                        isGrown = true;
                    }
                }
            }
        }
        List<Value> ends = inside.stream()
                .filter(each -> index.isOutput(each) || !nodes.containsAll(index.consumers(each)))
                .toList();
        if (nodes.isEmpty() || ends.size() != 1 || ends.getFirst() == v) {
            return null;
        }
        List<Node> ordered =
                index.graph().nodes().stream().filter(nodes::contains).toList();
        Model model = Model.of(graph(v, ordered, ends.getFirst()));
        return x -> model.predict(Map.of(INPUT, Tensor.of(x))).tensor(OUTPUT).toFloatArray();
    }

    private static boolean isInside(Node node, Set<Value> inside) {
        boolean isElementwise = node.op() instanceof UnaryFunction
                || node.op() instanceof BinaryFunction
                || node.op() instanceof Clip
                || node.op() instanceof Min
                || node.op() instanceof Max;
        return isElementwise
                && Operators.isFloat(node.output())
                && node.inputs().stream()
                        .allMatch(v -> v == null
                                || inside.contains(v)
                                || v.isConstant() && v.constant().size() == 1);
    }

    private static Graph graph(Value v, List<Node> nodes, Value end) {
        GraphBuilder builder = new GraphBuilder("tail");
        Map<Value, Value> copies = new HashMap<>();
        copies.put(v, builder.input(INPUT, new TensorType(DType.FLOAT32, Shape.of(List.of(Dim.symbol("n"))))));
        for (Node node : nodes) {
            List<Value> operands = new ArrayList<>();
            for (Value operand : node.inputs()) {
                boolean isNumber = operand != null && operand.isConstant();
                operands.add(isNumber ? builder.constant(scalar(operand.constant())) : copies.get(operand));
            }
            copies.put(node.output(), builder.add(node.op(), operands.toArray(Value[]::new)));
        }
        return builder.output(OUTPUT, copies.get(end)).build();
    }

    private static Tensor scalar(Tensor t) {
        return Tensor.convert(t.dtype(), new double[] {t.getDouble(0)}, new long[0]);
    }
}
