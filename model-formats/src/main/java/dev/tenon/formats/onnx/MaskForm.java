package dev.tenon.formats.onnx;

import dev.tenon.op.Attributes;
import dev.tenon.op.attention.Attention;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.List;

/**
 * The mask of attention as other runtimes take it. The standard lets it be broadcast along all axes; ONNX Runtime wants
 * a row for each query, so that one row for all is repeated before.
 */
final class MaskForm {
    private static final int MASK = 3;
    private static final int RANK = 4;
    /** Since when Shape gives some of the dimensions. */
    private static final int SHAPE_FROM = 15;

    private MaskForm() {}

    static void settle(NodeForm form, GraphWriter graph) {
        if (!form.has(MASK)) {
            return;
        }
        Shape mask = form.shape(MASK);
        Shape query = form.shape(0);
        if (!mask.hasRank() || mask.rank() != RANK || !query.hasRank()) {
            return;
        }
        boolean packed = ((Attention) form.node().op()).queryHeads() != null;
        Dim length = query.dim(packed ? 1 : 2);
        if (!mask.dim(2).equals(Dim.of(1)) || length.equals(Dim.of(1))) {
            return;
        }
        if (form.target() < SHAPE_FROM) {
            throw form.needs("a mask of one row for all queries", SHAPE_FROM);
        }
        int at = form.operands().indexOf(form.node().input(MASK));
        String name = graph.reference(form.node().input(MASK));
        // Queries that are as many as the keys: the mask itself knows how many, and one copy serves all nodes.
        boolean square = length.equals(mask.dim(3));
        String of = square ? name : graph.reference(form.node().input(0));
        long axis = square ? 3 : packed ? 1 : 2;
        String wide = graph.helpers().get(name + "\n" + of);
        if (wide == null) {
            Attributes from = Attributes.none().with("start", axis).with("end", axis + 1);
            String rows = graph.helper(form.node(), "Shape", from, List.of(of));
            String shape = graph.helper(
                    form.node(),
                    "Concat",
                    Attributes.none().with("axis", 0L),
                    List.of(
                            graph.constant("leading", Tensor.of(new long[] {1, 1})),
                            rows,
                            graph.constant("trailing", Tensor.of(new long[] {1}))));
            wide = graph.helper(form.node(), "Expand", Attributes.none(), List.of(name, shape));
            graph.helpers().put(name + "\n" + of, wide);
        }
        form.operands().set(at, wide);
    }
}
