package dev.tenon.exec;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.math.Cast;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Expand;
import dev.tenon.op.shape.Flatten;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Identity;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Split;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Tile;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** Traces an index that is out of range to the inputs of the call that it came from. */
final class IndexOrigin {
    /** Kernels and references know neither nodes nor inputs. They say {@code index 7} for an index that is out of range. */
    private static final String INDEX = "index ";

    /** The operators whose results are elements of their first operands; those of Concat are of all operands. */
    private static final Set<Class<? extends Op>> MOVES = Set.of(
            Cast.class,
            Concat.class,
            Expand.class,
            Flatten.class,
            Gather.class,
            Identity.class,
            Reshape.class,
            Slice.class,
            Split.class,
            Squeeze.class,
            Tile.class,
            Transpose.class,
            Unsqueeze.class);

    private final Graph graph;
    private final Datum[] inputs;

    /**
     * Looks at a call.
     *
     * @param graph the graph that ran
     * @param inputs the values of its inputs
     */
    IndexOrigin(Graph graph, Datum[] inputs) {
        this.graph = graph;
        this.inputs = inputs;
    }

    /** The same error with the input that the index came from; the error itself if it is another one, or no input is known. */
    InvalidOperandException traced(InvalidOperandException e, Node node) {
        OptionalLong index = index(String.valueOf(e.found()));
        if (index.isEmpty()) {
            return e;
        }
        List<Value> indices = indices(node);
        String origin = place(index.getAsLong(), inputsOf(indices, true));
        String cure = "give indices that are in range";
        if (origin == null) {
            List<Integer> all = inputsOf(indices, false);
            if (all.isEmpty()) {
                return e;
            }
            List<String> names = all.stream()
                    .map(i -> "'" + graph.inputs().get(i).name() + "'")
                    .toList();
            origin = "computed from input" + (names.size() == 1 ? " " : "s ") + String.join(", ", names);
            cure = "give inputs for which the index is in range";
        }
        InvalidOperandException traced =
                new InvalidOperandException(e.thing(), e.found() + ", " + origin, e.allowed(), cure);
        traced.setStackTrace(e.getStackTrace());
        return traced;
    }

    private static OptionalLong index(String found) {
        try {
            return found.startsWith(INDEX)
                    ? OptionalLong.of(Long.parseLong(found.substring(INDEX.length())))
                    : OptionalLong.empty();
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /** The operand that is named so, or all integers of an operator that names none so. */
    private static List<Value> indices(Node node) {
        List<Value> integers = new ArrayList<>();
        List<OpSchema.Parameter> parameters = node.op().schema().inputs();
        for (int i = 0; i < node.inputs().size(); i++) {
            Value v = node.inputs().get(i);
            if (v == null || v.tensorType() == null || !isIndex(v.tensorType().dtype())) {
                continue;
            }
            if (i < parameters.size() && parameters.get(i).name().equals("indices")) {
                return List.of(v);
            }
            integers.add(v);
        }
        return integers;
    }

    private static boolean isIndex(DType type) {
        return type == DType.INT32 || type == DType.INT64;
    }

    /** The places of the inputs from which values are computed, or from which their elements are only moved. */
    private List<Integer> inputsOf(List<Value> values, boolean moved) {
        Deque<Value> open = new ArrayDeque<>(values);
        Set<Value> seen = new LinkedHashSet<>(values);
        while (!open.isEmpty()) {
            Node producer = open.remove().producer();
            if (producer == null || moved && !MOVES.contains(producer.op().getClass())) {
                continue;
            }
            boolean first = moved && !(producer.op() instanceof Concat);
            for (Value operand : first ? producer.inputs().subList(0, 1) : producer.inputs()) {
                if (operand != null && seen.add(operand)) {
                    open.add(operand);
                }
            }
        }
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < inputs.length; i++) {
            if (seen.contains(graph.inputs().get(i))) {
                places.add(i);
            }
        }
        return places;
    }

    /** The first place of an index in some inputs; null if they don't have it. */
    private String place(long index, List<Integer> places) {
        for (int i : places) {
            if (!(inputs[i] instanceof Tensor t) || !t.dtype().isInteger()) {
                continue;
            }
            for (long k = 0; k < t.size(); k++) {
                if (t.getLong(k) == index) {
                    return "which input '" + graph.inputs().get(i).name() + "' has at " + coordinates(t, k);
                }
            }
        }
        return null;
    }

    private static List<Long> coordinates(Tensor t, long element) {
        List<Long> coordinates = new ArrayList<>();
        long rest = element;
        for (int d = t.rank() - 1; d >= 0; d--) {
            coordinates.addFirst(rest % t.dim(d));
            rest /= t.dim(d);
        }
        return coordinates;
    }
}
