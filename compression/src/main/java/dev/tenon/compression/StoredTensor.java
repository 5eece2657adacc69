package dev.tenon.compression;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A constant of a model: weights, or a scale, say.
 *
 * @param name its name in the graph
 * @param type the type of its elements
 * @param elements the number of its elements
 * @param bytes the bytes of its elements in a file
 */
public record StoredTensor(String name, DType type, long elements, long bytes) {
    /**
     * The constants of a graph, in its order. Those of bodies follow.
     *
     * @param graph the graph
     * @return the constants
     */
    public static List<StoredTensor> of(Graph graph) {
        List<StoredTensor> all = new ArrayList<>();
        collect(graph, all);
        return List.copyOf(all);
    }

    private static void collect(Graph graph, List<StoredTensor> all) {
        for (Value value : graph.constants()) {
            Tensor t = value.constant();
            all.add(new StoredTensor(value.name(), t.dtype(), t.size(), bytes(t)));
        }
        for (Node node : graph.nodes()) {
            if (node.op() instanceof GraphOp control) {
                control.bodies().forEach(body -> collect(body, all));
            }
        }
    }

    private static long bytes(Tensor t) {
        if (t.dtype() != DType.STRING) {
            return t.dtype().byteSize(t.size());
        }
        long sum = 0;
        for (long i = 0; i < t.size(); i++) {
            sum += t.getUtf8(i).length;
        }
        return sum;
    }
}
