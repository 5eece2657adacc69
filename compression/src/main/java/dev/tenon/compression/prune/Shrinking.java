package dev.tenon.compression.prune;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.NewValue;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.ValueRef;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Split;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Removes classes of indices from a graph: constants get smaller, and operators that name sizes name the new ones. */
final class Shrinking {
    private final AxisIndices axes;

    /** The classes that go away. */
    private final Set<Integer> removed;

    Shrinking(AxisIndices axes, Set<Integer> removed) {
        this.axes = axes;
        this.removed = removed;
    }

    private boolean isKept(int id) {
        return !removed.contains(axes.atoms().find(id));
    }

    /** The number of indices that are left. */
    int count(int[] ids) {
        return (int) Arrays.stream(ids).filter(this::isKept).count();
    }

    /** The places along an axis that are left; null if all are. */
    int[] kept(Value v, int axis) {
        int[] ids = axes.ids(v, axis);
        if (ids == null || count(ids) == ids.length) {
            return null;
        }
        int[] kept = new int[count(ids)];
        int next = 0;
        for (int i = 0; i < ids.length; i++) {
            if (isKept(ids[i])) {
                kept[next++] = i;
            }
        }
        return kept;
    }

    /** Whether a value gets smaller. */
    boolean isSmaller(Value v) {
        for (int a = 0; a < Math.max(0, AxisIndices.rank(v)); a++) {
            if (kept(v, a) != null) {
                return true;
            }
        }
        return false;
    }

    /**
     * Makes the smaller graph.
     *
     * @param graph the graph of the axes
     * @return a graph with outputs of the same types
     */
    Graph apply(Graph graph) {
        GraphEditor editor = new GraphEditor(graph);
        for (Value constant : graph.constants()) {
            Tensor smaller = constant.constant();
            for (int a = 0; a < Math.max(0, AxisIndices.rank(constant)); a++) {
                int[] kept = kept(constant, a);
                smaller = kept == null ? smaller : select(smaller, a, kept);
            }
            if (!smaller.shapeIs(constant.constant().dims())) {
                editor.replaceConstant(constant, smaller);
            }
        }
        Map<Value, ValueRef> replaced = new IdentityHashMap<>();
        for (Node node : axes.resized()) {
            switch (node.op()) {
                case Conv conv -> group(editor, node, conv);
                case Split split -> sizes(editor, node, split, replaced);
                case Reshape _ -> {
                    if (isSmaller(node.output())) {
                        editor.replaceOperand(node, 1, editor.constant(new ReshapeAxes(axes, node).target(this)));
                    }
                }
                default -> throw new IllegalStateException(node.toString());
            }
        }
        return editor.build();
    }

    private void group(GraphEditor editor, Node node, Conv conv) {
        int[] in = axes.ids(node.input(0), 1);
        long group = conv.group() * count(in) / in.length;
        if (group != conv.group()) {
            editor.replaceOperator(node, new Conv(conv.window(), group));
        }
    }

    /** Lets a Split name the new sizes. Where it names none, a new one does. */
    private void sizes(GraphEditor editor, Node node, Split split, Map<Value, ValueRef> replaced) {
        if (!isSmaller(node.input(0))) {
            return;
        }
        int axis = split.axis() < 0 ? split.axis() + AxisIndices.rank(node.input(0)) : split.axis();
        long[] sizes = new long[node.outputs().size()];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = count(axes.ids(node.outputs().get(i), axis));
        }
        ValueRef list = editor.constant(Tensor.of(sizes));
        if (node.inputs().size() > 1) {
            editor.replaceOperand(node, 1, list);
            editor.replaceOperator(node, new Split(split.axis(), 0));
            return;
        }
        List<String> names = node.outputs().stream().map(v -> "").toList();
        ValueRef x = replaced.getOrDefault(node.input(0), node.input(0));
        List<NewValue> parts = editor.add(new Split(split.axis(), 0), node.name(), List.of(x, list), names);
        editor.replaceNode(node, parts);
        for (int i = 0; i < sizes.length; i++) {
            replaced.put(node.outputs().get(i), parts.get(i));
        }
    }

    /**
     * Some places of an axis of a tensor.
     *
     * @param tensor the tensor
     * @param axis the axis
     * @param kept the places in order
     * @return a tensor that has the places alone
     */
    static Tensor select(Tensor tensor, int axis, int[] kept) {
        long[] dims = tensor.dims();
        long outer = 1;
        long inner = 1;
        for (int a = 0; a < dims.length; a++) {
            outer *= a < axis ? dims[a] : 1;
            inner *= a > axis ? dims[a] : 1;
        }
        long size = dims[axis];
        dims[axis] = kept.length;
        Tensor selected = Tensor.allocate(tensor.dtype(), dims);
        long to = 0;
        for (long o = 0; o < outer; o++) {
            for (int place : kept) {
                long from = (o * size + place) * inner;
                for (long i = 0; i < inner; i++) {
                    tensor.copyElementTo(from + i, selected, to++);
                }
            }
        }
        return selected;
    }
}
