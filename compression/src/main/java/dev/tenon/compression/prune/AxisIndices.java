package dev.tenon.compression.prune;

import dev.tenon.compression.LinearLayer;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphIndex;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The indices along the axes of the values of a graph, as far as they could go away. An axis that is not followed has no
 * indices here, and stays as it is. Constants get indices where a node asks for them.
 */
final class AxisIndices {
    private final Atoms atoms = new Atoms();
    private final Map<Value, int[][]> axes = new IdentityHashMap<>();

    /** For each constant and axis the nodes that know of its indices. */
    private final Map<Value, List<Set<Node>>> knowing = new IdentityHashMap<>();

    /** Nodes whose operator or operands change with the sizes of their values. */
    private final List<Node> resized = new ArrayList<>();

    Atoms atoms() {
        return atoms;
    }

    List<Node> resized() {
        return resized;
    }

    /** The rank of a value, -1 if it is not known or the value is no tensor. */
    static int rank(Value v) {
        return v == null || v.tensorType() == null || !v.tensorType().shape().hasRank()
                ? -1
                : v.tensorType().shape().rank();
    }

    /** The size of an axis, -1 if it is not known. */
    static long size(Value v, int axis) {
        Dim dim = dim(v, axis);
        return dim.isKnown() ? dim.value() : -1;
    }

    static Dim dim(Value v, int axis) {
        Shape shape = v.tensorType().shape();
        return shape.dim(axis);
    }

    /** The indices of an axis, or null if it is not followed. */
    int[] ids(Value v, int axis) {
        int[][] of = axes.get(v);
        return of == null || axis >= of.length ? null : of[axis];
    }

    /** Sets the indices of an axis of a value. */
    void set(Value v, int axis, int[] ids) {
        int rank = rank(v);
        if (v == null || rank < 0 || ids == null) {
            return;
        }
        if (axis >= rank || size(v, axis) != ids.length) {
            atoms.freeze(ids, "the size of %" + v.name() + " is not known");
            return;
        }
        axes.computeIfAbsent(v, key -> new int[rank][])[axis] = ids;
    }

    /** The indices of an axis of a constant, made if there are none. */
    int[] ensure(Value constant, int axis, Node node) {
        int[] ids = ids(constant, axis);
        if (ids == null) {
            ids = atoms.fresh(Math.toIntExact(size(constant, axis)));
            set(constant, axis, ids);
        }
        knowing.computeIfAbsent(constant, AxisIndices::nobody).get(axis).add(node);
        return ids;
    }

    private static List<Set<Node>> nobody(Value constant) {
        List<Set<Node>> nobody = new ArrayList<>();
        for (int axis = 0; axis < rank(constant); axis++) {
            nobody.add(Collections.newSetFromMap(new IdentityHashMap<>()));
        }
        return nobody;
    }

    /** Whether any axis of a value is followed. */
    boolean isFollowed(Value v) {
        int[][] of = v == null ? null : axes.get(v);
        if (of == null) {
            return false;
        }
        for (int[] ids : of) {
            if (ids != null) {
                return true;
            }
        }
        return false;
    }

    /** Freezes all axes of a value. */
    void freeze(Value v, String reason) {
        int[][] of = v == null ? null : axes.get(v);
        if (of != null) {
            for (int[] ids : of) {
                atoms.freeze(ids, reason);
            }
        }
    }

    /** Ties an axis of indices to an axis of a value: follows it in a constant, and freezes where it can't be followed. */
    void tie(int[] ids, Value v, int axis, Node node) {
        if (ids == null) {
            if (!v.isConstant()) {
                atoms.freeze(ids(v, axis), "it meets other values in " + LinearLayer.name(node));
            }
            return;
        }
        int[] other = v.isConstant() && size(v, axis) == ids.length ? ensure(v, axis, node) : ids(v, axis);
        if (other == null || other.length != ids.length) {
            atoms.freeze(ids, "it meets %" + v.name() + " in " + LinearLayer.name(node));
            atoms.freeze(other, "it meets other values in " + LinearLayer.name(node));
        } else {
            atoms.union(ids, other);
        }
    }

    /**
     * Follows the indices through all nodes of a graph.
     *
     * @param graph the graph
     * @return the axes
     */
    static AxisIndices of(Graph graph) {
        AxisIndices axes = new AxisIndices();
        AxisRules rules = new AxisRules(axes);
        graph.nodes().forEach(rules::follow);
        for (Value output : graph.outputs()) {
            axes.freeze(output, "it is an output of the model");
            rules.sizesAreRead(output, "the outputs of the model tell its size");
        }
        GraphIndex index = new GraphIndex(graph);
        for (Value constant : graph.constants()) {
            axes.freezeUnknown(constant, index.consumers(constant));
        }
        return axes;
    }

    /** Freezes the axes of a constant that some of its consumers do not follow. */
    private void freezeUnknown(Value constant, Collection<Node> consumers) {
        List<Set<Node>> known = knowing.get(constant);
        if (known == null) {
            return;
        }
        for (int axis = 0; axis < known.size(); axis++) {
            Set<Node> others = new LinkedHashSet<>(consumers);
            others.removeAll(known.get(axis));
            if (!others.isEmpty()) {
                atoms.freeze(ids(constant, axis), "other nodes use %" + constant.name());
            }
        }
    }
}
