package dev.tenon.formats.onnx.lowering;

import dev.tenon.graph.Value;
import java.util.List;

/** Makes a node of a model file canonical: adds nodes of the newest operator set to the graph that compute the same. */
@FunctionalInterface
public interface Lowering {
    /**
     * Lowers a node.
     *
     * @param node the node
     * @return a value for each output of the node, null for those left out
     * @throws dev.tenon.error.InvalidOperandException if an operand or an attribute of the node is not valid
     */
    List<Value> lower(NodeLowering node);
}
