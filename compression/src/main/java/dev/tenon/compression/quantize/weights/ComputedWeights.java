package dev.tenon.compression.quantize.weights;

import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.edit.FreeNames;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.ValueRef;
import dev.tenon.graph.pass.DeadCodeElimination;
import dev.tenon.op.math.Cast;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Weights that a model stores in another form than a product reads them: transposed, or in 16 bits, as decoders from safetensors
 * and GGUF have them. They become constants of float32, so that they can be quantised. Weights of layers that a filter leaves out
 * stay as they are.
 */
final class ComputedWeights {
    private static final List<Integer> SWAPPED = List.of(1, 0);

    private final GraphEditor editor;
    private final FreeNames names;
    private final Map<Value, ValueRef> made = new IdentityHashMap<>();

    private ComputedWeights(GraphEditor editor) {
        this.editor = editor;
        this.names = new FreeNames(editor.index());
    }

    /**
     * Computes the weights of layers.
     *
     * @param graph a graph
     * @param filter the nodes that may be changed
     * @return the same graph, or one with constants in the place of computed weights
     */
    static Graph computed(Graph graph, LayerFilter filter) {
        ComputedWeights weights = new ComputedWeights(new GraphEditor(graph));
        for (Node node : graph.nodes()) {
            if (!filter.accepts(node)) {
                continue;
            }
            if (node.op() instanceof MatMul || node.op() instanceof Gemm) {
                weights.product(node);
            } else if (node.op() instanceof Gather gather) {
                weights.table(node, gather);
            }
        }
        return weights.made.isEmpty() ? graph : new DeadCodeElimination().apply(weights.editor.build());
    }

    private void product(Node node) {
        Value weight = node.input(1);
        if (weight == null || weight.isConstant()) {
            return;
        }
        Tensor values = made.containsKey(weight) ? null : values(weight);
        if (values != null) {
            made.put(weight, editor.constant(names.of(weight.name()), values));
        }
        if (made.containsKey(weight)) {
            editor.replaceOperand(node, 1, made.get(weight));
        }
    }

    /** Rows of a table of 16 bits that are widened after they are gathered. */
    private void table(Node node, Gather gather) {
        Value table = node.input(0);
        List<Node> users = editor.index().consumers(node.output());
        boolean isWidened = isMatrix(table)
                && table.constant().dtype() != DType.FLOAT32
                && !editor.index().isOutput(node.output())
                && users.size() == 1
                && users.getFirst().op() instanceof Cast cast
                && cast.to() == DType.FLOAT32;
        if (!isWidened) {
            return;
        }
        ValueRef wide = made.computeIfAbsent(table, t -> editor.constant(names.of(t.name()), widened(t.constant())));
        editor.replaceNode(
                users.getFirst(),
                editor.add(gather, node.name(), List.of(wide, node.input(1)), List.of(""))
                        .getFirst());
    }

    private static boolean isMatrix(Value v) {
        return v.isConstant()
                && v.constant().rank() == 2
                && v.constant().size() > 0
                && v.constant().dtype().isFloating();
    }

    /** The elements of a matrix that is a constant, or made of one by transpositions and casts; null for another. */
    private static Tensor values(Value v) {
        if (v.isConstant()) {
            return isMatrix(v) ? widened(v.constant()) : null;
        }
        Node node = v.producer();
        boolean isTransposed = node != null && node.op() instanceof Transpose t && SWAPPED.equals(t.perm());
        boolean isCast = node != null && node.op() instanceof Cast cast && cast.to() == DType.FLOAT32;
        if (!isTransposed && !isCast) {
            return null;
        }
        Tensor values = values(node.input(0));
        return values == null || isCast ? values : transposed(values);
    }

    private static Tensor widened(Tensor t) {
        return t.dtype() == DType.FLOAT32 ? t : Tensor.convert(DType.FLOAT32, t.toDoubleArray(), t.dims());
    }

    private static Tensor transposed(Tensor t) {
        int rows = Math.toIntExact(t.dim(0));
        int columns = Math.toIntExact(t.dim(1));
        float[] from = t.toFloatArray();
        float[] to = new float[from.length];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                to[c * rows + r] = from[r * columns + c];
            }
        }
        return Tensor.wrap(to, columns, rows);
    }
}
