package dev.tenon.plan;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * A node of a graph while a plan is made.
 *
 * @param index its place among the nodes of the graph
 * @param node the node
 * @param inputs its operands, null for operands that are left out
 * @param types the types of its outputs for these operands
 * @param context the context in which the types were inferred
 */
record PlannedNode(int index, Node node, List<PlannedValue> inputs, List<ValueType> types, InferContext context) {
    Op op() {
        return node.op();
    }

    int outputCount() {
        return node.outputs().size();
    }

    /** An output, or null if it is left out. */
    Value output(int i) {
        return node.outputs().get(i);
    }

    /** The type of an output that is a tensor. */
    TensorType tensorType(int output) {
        return (TensorType) types.get(output);
    }

    /** The elements of an output as symbolic dimensions, or null if they are not known. */
    List<Dim> elements(int output) {
        return context.outputElements(output, types.get(output));
    }
}
