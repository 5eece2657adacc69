package dev.tenon.compression.quantize;

import dev.tenon.compression.LayerReport;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.edit.FreeNames;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.NewValue;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Add;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.shape.Gather;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Stores large constants in INT8 that are no weights of layers: tables from which Gather takes rows, and constants that are
 * added. The operators compute in float as before. Only the rows that Gather takes are converted.
 */
final class Tables {
    /** Smaller constants stay in float: their scales and operators would take as much. */
    private static final long LEAST = 512;

    private final GraphEditor editor;
    private final FreeNames names;
    private final Set<String> excluded;
    private final Graph graph;

    /**
     * The constants of a graph.
     *
     * @param graph the graph
     * @param excluded the names of nodes that must not change
     */
    Tables(Graph graph, Set<String> excluded) {
        this.graph = graph;
        this.editor = new GraphEditor(graph);
        this.names = new FreeNames(editor.index());
        this.excluded = excluded;
    }

    /**
     * The graph with its tables as integers.
     *
     * @param technique the name of the step, for reports
     * @param context receives the reports
     */
    Graph quantized(String technique, StepContext context) {
        for (Value v : graph.constants()) {
            List<Node> users = editor.index().consumers(v);
            boolean isLarge = Operators.isFloat(v)
                    && v.constant().rank() > 1
                    && v.constant().size() >= LEAST;
            if (!isLarge || editor.index().isOutput(v) || users.isEmpty() || !areFinite(v.constant())) {
                continue;
            }
            boolean areAllowed = users.stream().noneMatch(user -> excluded.contains(LinearLayer.name(user)));
            QuantizedTable table = null;
            if (areAllowed && users.stream().allMatch(user -> takesRows(user, v))) {
                table = QuantizedTable.of(v.constant(), Byte.MAX_VALUE);
                gather(v, users, table);
            } else if (areAllowed && users.stream().allMatch(user -> user.op() instanceof Add)) {
                table = QuantizedTable.of(v.constant(), Byte.MAX_VALUE);
                add(v, users, table);
            }
            if (table != null) {
                context.report(new LayerReport(
                        LinearLayer.name(users.getFirst()),
                        technique,
                        Byte.SIZE,
                        table.sparsity(),
                        OptionalDouble.of(table.sqnr()),
                        false,
                        "the constant " + v.name() + ", which is no layer's weight"));
            }
        }
        return editor.build();
    }

    private static boolean areFinite(Tensor t) {
        for (float f : t.toFloatArray()) {
            if (!Float.isFinite(f)) {
                return false;
            }
        }
        return true;
    }

    private static boolean takesRows(Node node, Value table) {
        return node.op() instanceof Gather gather
                && gather.axis() == 0
                && table.constant().rank() == 2
                && node.input(1) != table
                && node.output().tensorType().shape().hasRank();
    }

    private void gather(Value v, List<Node> users, QuantizedTable table) {
        NewValue integers = editor.constant(names.of(v.name() + "_quantized"), table.integers());
        NewValue scale = editor.constant(names.of(v.name() + "_scale"), table.scales());
        for (Node user : users) {
            NewValue rows = editor.add(
                            user.op(), LinearLayer.name(user) + "_quant", List.of(integers, user.input(1)), List.of(""))
                    .getFirst();
            int axis = table.isPerColumn() ? user.output().tensorType().shape().rank() - 1 : 1;
            editor.replaceNode(
                    user,
                    editor.add(
                            new DequantizeLinear(axis, 0, null),
                            LinearLayer.name(user),
                            List.of(rows, scale),
                            List.of("")));
        }
    }

    private void add(Value v, List<Node> users, QuantizedTable table) {
        NewValue integers = editor.constant(names.of(v.name() + "_quantized"), table.integers());
        NewValue scale = editor.constant(names.of(v.name() + "_scale"), table.scales());
        NewValue back = editor.add(
                        new DequantizeLinear(table.isPerColumn() ? v.constant().rank() - 1 : 1, 0, null),
                        v.name() + "_DequantizeLinear",
                        List.of(integers, scale),
                        List.of(""))
                .getFirst();
        editor.replaceUses(v, back, users);
    }
}
