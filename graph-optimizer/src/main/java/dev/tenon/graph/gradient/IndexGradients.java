package dev.tenon.graph.gradient;

import dev.tenon.graph.Value;
import dev.tenon.op.gradient.GatherGradient;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.GatherElements;
import dev.tenon.op.shape.GatherND;
import dev.tenon.op.shape.ScatterElements;
import dev.tenon.op.shape.ScatterND;
import dev.tenon.op.shape.TopK;
import java.util.List;

/**
 * Gradients of operators that choose elements by indices: the gradient is added at the indices, in their order. Scattered
 * elements that replace others must have different indices.
 */
final class IndexGradients {
    private static final String NONE = "none";
    private static final String ADD = "add";

    private IndexGradients() {}

    static void addTo(GradientTable t) {
        t.rule(Gather.class, (op, n) -> n.give(0, () -> gather(op, n)));
        t.rule(
                GatherElements.class,
                (op, n) -> n.give(
                        0,
                        () -> n.make(
                                new ScatterElements(op.axis(), ADD), n.zeros(n.dy(), n.dims(0)), n.in(1), n.dy())));
        t.rule(
                GatherND.class,
                (op, n) -> n.give(0, () -> {
                    n.refuseIf(op.batchDims() != 0, "batch_dims is " + op.batchDims());
                    return n.make(new ScatterND(ADD), n.zeros(n.dy(), n.dims(0)), n.in(1), n.dy());
                }));
        t.rule(
                TopK.class,
                (op, n) -> n.give(0, () -> {
                    Value indices = n.out(1) != null
                            ? n.out(1)
                            : n.make(op, List.of(n.x(), n.in(1)), 2).get(1);
                    return n.make(new ScatterElements(op.axis(), ADD), n.zeros(n.dy(), n.dims(0)), indices, n.dy());
                }));
        t.rule(ScatterElements.class, (op, n) -> {
            checkReduction(n, op.reduction());
            n.give(
                    0,
                    () -> op.reduction().equals(ADD)
                            ? n.dy()
                            : n.make(
                                    new ScatterElements(op.axis(), NONE), n.dy(), n.in(1), n.zeros(n.dy(), n.dims(2))));
            n.give(2, () -> n.make(new GatherElements(op.axis()), n.dy(), n.in(1)));
        });
        t.rule(ScatterND.class, (op, n) -> {
            checkReduction(n, op.reduction());
            n.give(
                    0,
                    () -> op.reduction().equals(ADD)
                            ? n.dy()
                            : n.make(new ScatterND(NONE), n.dy(), n.in(1), n.zeros(n.dy(), n.dims(2))));
            n.give(2, () -> n.make(new GatherND(0), n.dy(), n.in(1)));
        });
    }

    private static void checkReduction(NodeGradient n, String reduction) {
        n.refuseIf(!reduction.equals(NONE) && !reduction.equals(ADD), "its reduction is " + reduction);
    }

    private static Value gather(Gather op, NodeGradient n) {
        long[] dims = n.dims(0);
        int axis = NodeFormulas.axis(op.axis(), dims.length);
        if (n.in(1).isConstant() && n.in(1).constant().size() == 1) {
            long at = n.in(1).constant().getLong(0);
            long from = at < 0 ? at + dims[axis] : at;
            long[] single = dims.clone();
            single[axis] = 1;
            return n.pad(n.reshape(n.dy(), single), axis, from, dims[axis] - from - 1);
        }
        return n.make(new GatherGradient(axis, dims[axis]), n.in(1), n.dy());
    }

    /** The gradient of data from which elements were gathered along an axis. */
    static Value gathered(Formulas f, Value dy, int axis, long[] indices, long dim) {
        return f.make(new GatherGradient(axis, dim), f.integers(indices), dy);
    }
}
