package dev.tenon.compression;

import dev.tenon.Model;
import dev.tenon.SaveOptions;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import java.io.OutputStream;

/** How large a model is. */
public final class ModelSize {
    private ModelSize() {}

    /** Counts bytes and drops them. */
    private static final class Counter extends OutputStream {
        private long bytes;

        @Override
        public void write(int b) {
            bytes++;
        }

        @Override
        public void write(byte[] b, int from, int length) {
            bytes += length;
        }
    }

    /**
     * The bytes of a model as one ONNX file. External data of the same weights takes as many, but for a few names.
     *
     * @param model the model
     * @return the bytes
     */
    public static long bytes(Model model) {
        Counter counter = new Counter();
        model.save(counter, SaveOptions.standard());
        return counter.bytes;
    }

    /**
     * The number of stored elements of all weights, those of bodies included.
     *
     * @param graph the graph
     * @return the number
     */
    public static long parameters(Graph graph) {
        long count = 0;
        for (Value constant : graph.constants()) {
            count += constant.constant().size();
        }
        for (Node node : graph.nodes()) {
            if (node.op() instanceof GraphOp control) {
                for (Graph body : control.bodies()) {
                    count += parameters(body);
                }
            }
        }
        return count;
    }
}
