package dev.tenon.compression.factorize;

import dev.tenon.compression.LinearLayer;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.ValueRef;
import dev.tenon.op.Op;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A layer as a chain of smaller ones. The last one adds the bias.
 *
 * @param form the form, in words
 * @param ranks the widths between the parts
 * @param parts the parts in order
 * @param error the squared error of the outputs over all samples
 */
record Factors(String form, List<Integer> ranks, List<Part> parts, double error) {
    /**
     * A part of a chain.
     *
     * @param op its operator
     * @param weight its weights
     */
    record Part(Op op, Tensor weight) {}

    /** {@return the number of weights} */
    long parameters() {
        return parts.stream().mapToLong(part -> part.weight().size()).sum();
    }

    /** Puts the chain in the place of the layer. */
    void replace(GraphEditor editor, LinearLayer layer) {
        Node node = layer.node();
        ValueRef x = node.input(0);
        for (int i = 0; i < parts.size(); i++) {
            boolean isLast = i == parts.size() - 1;
            List<ValueRef> operands =
                    new ArrayList<>(List.of(x, editor.constant(parts.get(i).weight())));
            if (isLast && node.input(2) != null) {
                operands.add(node.input(2));
            }
            String name = isLast || node.name().isEmpty() ? node.name() : node.name() + "/factor" + (i + 1);
            x = editor.add(parts.get(i).op(), name, operands, List.of("")).getFirst();
        }
        editor.replaceNode(node, x);
    }

    /** The chain alone, as a graph with the input of a shape. */
    Graph alone(LinearLayer layer, Tensor input) {
        GraphBuilder builder = new GraphBuilder("factors");
        Value x = builder.input("x", input.type());
        for (int i = 0; i < parts.size(); i++) {
            List<Value> operands =
                    new ArrayList<>(List.of(x, builder.constant(parts.get(i).weight())));
            addBias(builder, layer, i == parts.size() - 1, operands);
            x = builder.add(parts.get(i).op(), operands.toArray(Value[]::new));
        }
        return builder.output(x).build();
    }

    /** The layer alone, as a graph with the input of a shape. */
    static Graph layerAlone(LinearLayer layer, Tensor input) {
        GraphBuilder builder = new GraphBuilder("layer");
        Value x = builder.input("x", input.type());
        List<Value> operands =
                new ArrayList<>(List.of(x, builder.constant(layer.weight().constant())));
        addBias(builder, layer, true, operands);
        return builder.output(builder.add(layer.node().op(), operands.toArray(Value[]::new)))
                .build();
    }

    private static void addBias(GraphBuilder builder, LinearLayer layer, boolean isLast, List<Value> operands) {
        Value bias = layer.node().input(2);
        if (isLast && bias != null && bias.isConstant()) {
            operands.add(builder.constant(bias.constant()));
        }
    }
}
