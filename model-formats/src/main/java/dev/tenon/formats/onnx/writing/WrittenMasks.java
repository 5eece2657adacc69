package dev.tenon.formats.onnx.writing;

import dev.tenon.op.Attributes;
import dev.tenon.op.attention.Attention;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Masks of attention in one graph, as ONNX Runtime takes them. The standard broadcasts a mask along all axes, but ONNX
 * Runtime needs a row for each query. So a mask of one row is repeated before.
 */
final class WrittenMasks {
    private static final int MASK = 3;
    private static final int RANK = 4;

    /** The version since which Shape gives a part of the dimensions. */
    private static final int SHAPE_OF_AXES = 15;

    /** A mask, and the value that tells the number of queries. */
    private record Key(String mask, String queries) {}

    private final GraphWriter graph;
    private final Map<Key, String> repeated = new HashMap<>();

    WrittenMasks(GraphWriter graph) {
        this.graph = graph;
    }

    /**
     * Repeats the mask of a node if it has one row for all queries.
     *
     * @param draft a node of {@link Attention}
     * @throws dev.tenon.formats.UnsupportedModelException if the operator set is too old for that
     */
    void repeat(NodeDraft draft) {
        if (!draft.has(MASK)) {
            return;
        }
        Shape mask = draft.shape(MASK);
        Shape query = draft.shape(0);
        if (!mask.hasRank() || mask.rank() != RANK || !query.hasRank()) {
            return;
        }
        boolean packed = ((Attention) draft.node().op()).queryHeads() != null;
        Dim length = query.dim(packed ? 1 : 2);
        if (!mask.dim(2).equals(Dim.of(1)) || length.equals(Dim.of(1))) {
            return;
        }
        if (draft.target() < SHAPE_OF_AXES) {
            throw draft.needs("a mask of one row for all queries", SHAPE_OF_AXES);
        }
        int at = draft.operands().indexOf(draft.node().input(MASK));
        String name = graph.reference(draft.node().input(MASK));
        // If there are as many queries as keys, the mask itself tells the number, and one copy serves all nodes.
        boolean square = length.equals(mask.dim(3));
        Key key = new Key(name, square ? name : graph.reference(draft.node().input(0)));
        String wide = repeated.get(key);
        if (wide == null) {
            wide = add(draft, key, square ? 3 : packed ? 1 : 2);
            repeated.put(key, wide);
        }
        draft.operands().set(at, wide);
    }

    private String add(NodeDraft draft, Key key, long axis) {
        Attributes one = Attributes.none().with("start", axis).with("end", axis + 1);
        String rows = graph.addNode(draft.node(), "Shape", one, List.of(key.queries()));
        String leading = graph.constant("leading", Tensor.of(new long[] {1, 1}));
        String trailing = graph.constant("trailing", Tensor.of(new long[] {1}));
        Attributes join = Attributes.none().with("axis", 0L);
        String shape = graph.addNode(draft.node(), "Concat", join, List.of(leading, rows, trailing));
        return graph.addNode(draft.node(), "Expand", Attributes.none(), List.of(key.mask(), shape));
    }
}
