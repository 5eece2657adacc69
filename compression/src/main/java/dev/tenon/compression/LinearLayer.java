package dev.tenon.compression;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphIndex;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A node that multiplies its input with constant float32 weights: MatMul, Gemm or Conv. Techniques see its weights as one
 * matrix with a row for each output and a column for each term of the sum, whatever the layout in the model. For a
 * convolution an output is an output channel, and the terms are those of the channel's group, in the order
 * [input channel, window].
 */
public final class LinearLayer {
    private static final int WEIGHT = 1;

    private final Node node;
    private final Value weight;
    private final boolean isShared;
    private final int outputs;
    private final int terms;

    /** Whether the weights are stored as [terms, outputs]. */
    private final boolean isTransposed;

    private LinearLayer(Node node, boolean isTransposed, boolean isShared) {
        this.node = node;
        this.weight = node.input(WEIGHT);
        this.isShared = isShared;
        this.isTransposed = isTransposed;
        Tensor w = weight.constant();
        int rows = Math.toIntExact(w.dim(0));
        int columns = rows == 0 ? 0 : Math.toIntExact(w.size() / rows);
        this.outputs = isTransposed ? columns : rows;
        this.terms = isTransposed ? rows : columns;
    }

    /**
     * The layers of a graph, in its order. Bodies of control-flow operators are left out.
     *
     * @param graph the graph
     * @return the layers
     */
    public static List<LinearLayer> of(Graph graph) {
        GraphIndex index = new GraphIndex(graph);
        List<LinearLayer> layers = new ArrayList<>();
        for (Node node : graph.nodes()) {
            if (isLinear(node)) {
                boolean isShared = index.consumers(node.input(WEIGHT)).size() > 1 || index.isOutput(node.input(WEIGHT));
                layers.add(new LinearLayer(node, isStoredByTerms(node.op()), isShared));
            }
        }
        return List.copyOf(layers);
    }

    private static boolean isLinear(Node node) {
        Op op = node.op();
        if (!(op instanceof MatMul || op instanceof Gemm || op instanceof Conv)) {
            return false;
        }
        Value w = node.input(WEIGHT);
        if (w == null
                || !w.isConstant()
                || w.constant().dtype() != DType.FLOAT32
                || w.constant().size() == 0) {
            return false;
        }
        return op instanceof Conv || w.constant().rank() == 2;
    }

    private static boolean isStoredByTerms(Op op) {
        return op instanceof MatMul || op instanceof Gemm gemm && !gemm.transB();
    }

    /**
     * The name of a node in reports and selectors.
     *
     * @param node the node
     * @return its name, or that of its first output if it has none
     */
    public static String name(Node node) {
        return node.name().isEmpty() && node.output() != null ? node.output().name() : node.name();
    }

    /** {@return the name of the layer in reports and selectors} */
    public String name() {
        return name(node);
    }

    /** {@return the node} */
    public Node node() {
        return node;
    }

    /** {@return the input that is multiplied with the weights} */
    public Value input() {
        return node.input(0);
    }

    /** {@return the weights} */
    public Value weight() {
        return weight;
    }

    /** {@return whether another node uses the weights too, or they are an output of the graph} */
    public boolean isShared() {
        return isShared;
    }

    /** {@return the number of rows of the matrix} */
    public int outputs() {
        return outputs;
    }

    /** {@return the number of columns of the matrix} */
    public int terms() {
        return terms;
    }

    /** {@return the axis of the stored weights that tells outputs apart} */
    public int outputAxis() {
        return isTransposed ? 1 : 0;
    }

    /** {@return the number of groups of a convolution, otherwise 1} */
    public int groups() {
        return node.op() instanceof Conv conv ? Math.toIntExact(conv.group()) : 1;
    }

    /** {@return a copy of the weights as a matrix, [outputs, terms]} */
    public float[] matrix() {
        float[] stored = weight.constant().toFloatArray();
        return isTransposed ? transposed(stored, terms, outputs) : stored;
    }

    /**
     * The weights as the model stores them.
     *
     * @param matrix the weights as a matrix, [outputs, terms]
     * @return a tensor of the shape of the stored weights
     */
    public Tensor stored(float[] matrix) {
        return Tensor.of(
                isTransposed ? transposed(matrix, outputs, terms) : matrix,
                weight.constant().dims());
    }

    private static float[] transposed(float[] from, int rows, int columns) {
        float[] to = new float[from.length];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                to[c * rows + r] = from[r * columns + c];
            }
        }
        return to;
    }

    @Override
    public String toString() {
        return node.op().schema().name() + " '" + name() + "' [" + outputs + ", " + terms + "]";
    }
}
