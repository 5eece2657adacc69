package dev.tenon.compression.prune;

import dev.tenon.compression.LinearLayer;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Elementwise;
import dev.tenon.op.nn.AveragePool;
import dev.tenon.op.nn.BatchNormalization;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Dropout;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.nn.GlobalMaxPool;
import dev.tenon.op.nn.InstanceNormalization;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.LogSoftmax;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.op.nn.RMSNormalization;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.reduce.Reduction;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Shape;

/**
 * Which indices of a node's values can only go away together. An operator without a rule freezes what it touches. Rules for
 * operators that only move elements are in {@link MoveRules}.
 */
final class AxisRules {
    private final AxisIndices axes;
    private final MoveRules moves;

    AxisRules(AxisIndices axes) {
        this.axes = axes;
        this.moves = new MoveRules(axes);
    }

    /** Follows the indices through a node. Its operands have been followed. */
    void follow(Node node) {
        node.inputs().forEach(v -> sizes(node, v));
        if (node.output() == null || AxisIndices.rank(node.output()) < 0) {
            freeze(node);
            return;
        }
        switch (node.op()) {
            case Conv conv -> convolution(node, conv);
            case MatMul _ -> product(node);
            case Gemm gemm -> gemm(node, gemm);
            case Elementwise _ -> elementwise(node);
            case BatchNormalization norm when !norm.trainingMode() -> channelwise(node, 5);
            case InstanceNormalization _ -> channelwise(node, 3);
            case GlobalAveragePool _, GlobalMaxPool _, AveragePool _ -> channelwise(node, 1);
            case MaxPool _ when node.outputs().size() == 1 || node.outputs().get(1) == null -> channelwise(node, 1);
            case LayerNormalization norm -> normalized(node, norm.axis(), true);
            case RMSNormalization norm -> normalized(node, norm.axis(), true);
            case Softmax softmax -> normalized(node, softmax.axis(), false);
            case LogSoftmax softmax -> normalized(node, softmax.axis(), false);
            case Dropout _ when node.outputs().size() == 1 || node.outputs().get(1) == null -> copy(node);
            case Reduction reduction -> reduction(node, reduction);
            default -> {
                if (!moves.follow(node)) {
                    freeze(node);
                }
            }
        }
    }

    /** Freezes the axes whose sizes a node reads: all, unless it takes some elements of a shape. */
    private void sizes(Node node, Value v) {
        String reason = LinearLayer.name(node) + " reads its size";
        boolean isOfSome = node.op() instanceof Gather && node.input(1).isConstant() && node.input(0) == v;
        if (!isOfSome || v.producer() == null || !(v.producer().op() instanceof Shape shape)) {
            sizesAreRead(v, reason);
            return;
        }
        Value x = v.producer().input(0);
        int rank = AxisIndices.rank(x);
        for (long t : node.input(1).constant().toLongArray()) {
            long axis = (t < 0 ? t + AxisIndices.size(v, 0) : t) + first(shape, rank);
            if (axis >= 0 && axis < rank) {
                axes.atoms().freeze(axes.ids(x, (int) axis), reason);
            }
        }
    }

    /** Freezes the axes whose sizes a value holds, if it is a shape. */
    void sizesAreRead(Value v, String reason) {
        if (v == null || v.producer() == null || !(v.producer().op() instanceof Shape shape)) {
            return;
        }
        Value x = v.producer().input(0);
        int rank = AxisIndices.rank(x);
        for (int axis = first(shape, rank); axis < rank && isWithin(axis, shape, rank); axis++) {
            axes.atoms().freeze(axes.ids(x, axis), reason);
        }
    }

    /** The axis whose size is the first element of a shape. */
    private static int first(Shape shape, int rank) {
        return Math.clamp(shape.start() < 0 ? shape.start() + rank : shape.start(), 0, Math.max(0, rank));
    }

    private static boolean isWithin(int axis, Shape shape, int rank) {
        return axis < (shape.end() < 0 ? shape.end() + rank : shape.end());
    }

    /** Freezes all that a node reads. */
    private void freeze(Node node) {
        for (Value v : node.inputs()) {
            axes.freeze(v, LinearLayer.name(node) + " (" + node.op().schema().name() + ") can't follow it");
        }
    }

    private void copy(Node node) {
        Value x = node.input(0);
        for (int a = 0; a < AxisIndices.rank(node.output()); a++) {
            axes.set(node.output(), a, axes.ids(x, a));
        }
    }

    private void convolution(Node node, Conv conv) {
        Value x = node.input(0);
        Value w = node.input(1);
        int[] in = axes.ids(x, 1);
        if (!w.isConstant() || w.constant().size() == 0) {
            freeze(node);
            return;
        }
        joinPlaces(node);
        axes.set(node.output(), 0, axes.ids(x, 0));
        int[] out = axes.ensure(w, 0, node);
        int groups = (int) conv.group();
        if (groups == 1) {
            axes.tie(in, w, 1, node);
        } else if (in == null) {
            axes.atoms().freeze(out, "the input of the grouped " + LinearLayer.name(node) + " stays");
        } else {
            tieGroups(in, out, groups);
            axes.resized().add(node);
        }
        if (node.input(2) != null) {
            axes.tie(out, node.input(2), 0, node);
        }
        axes.set(node.output(), 1, out);
    }

    /** Freezes the axes after that of the channels, which a window joins. */
    private void joinPlaces(Node node) {
        Value x = node.input(0);
        for (int axis = 2; axis < AxisIndices.rank(x); axis++) {
            axes.atoms().freeze(axes.ids(x, axis), LinearLayer.name(node) + " joins it");
        }
    }

    /** Inputs and outputs of a group go away together. */
    private void tieGroups(int[] in, int[] out, int groups) {
        int inputs = in.length / groups;
        int outputs = out.length / groups;
        for (int g = 0; g < groups; g++) {
            for (int i = 0; i < inputs; i++) {
                axes.atoms().union(in[g * inputs], in[g * inputs + i]);
            }
            for (int o = 0; o < outputs; o++) {
                axes.atoms().union(in[g * inputs], out[g * outputs + o]);
            }
        }
    }

    private void product(Node node) {
        Value a = node.input(0);
        Value b = node.input(1);
        int rankA = AxisIndices.rank(a);
        int rankB = AxisIndices.rank(b);
        Value y = node.output();
        if (rankA < 2 || rankB < 2) {
            freeze(node);
            return;
        }
        int[] terms = axes.ids(a, rankA - 1);
        if (terms != null || axes.ids(b, rankB - 2) != null) {
            if (terms == null && a.isConstant()) {
                axes.tie(axes.ids(b, rankB - 2), a, rankA - 1, node);
            } else {
                axes.tie(terms, b, rankB - 2, node);
            }
        }
        int rank = AxisIndices.rank(y);
        axes.set(y, rank - 2, axes.ids(a, rankA - 2));
        if (b.isConstant() && rankB == 2 && b.constant().size() > 0) {
            axes.set(y, rank - 1, axes.ensure(b, 1, node));
        } else {
            axes.set(y, rank - 1, axes.ids(b, rankB - 1));
        }
        for (int axis = 0; axis < rank - 2; axis++) {
            broadcast(node, axis, rank);
        }
    }

    private void gemm(Node node, Gemm gemm) {
        Value a = node.input(0);
        Value b = node.input(1);
        Value y = node.output();
        int[] terms = axes.ids(a, gemm.transA() ? 0 : 1);
        int axisOfTerms = gemm.transB() ? 1 : 0;
        if (terms != null || axes.ids(b, axisOfTerms) != null) {
            axes.tie(terms, b, axisOfTerms, node);
        }
        axes.set(y, 0, axes.ids(a, gemm.transA() ? 1 : 0));
        int axisOfOutputs = gemm.transB() ? 0 : 1;
        axes.set(
                y,
                1,
                b.isConstant() && b.constant().size() > 0
                        ? axes.ensure(b, axisOfOutputs, node)
                        : axes.ids(b, axisOfOutputs));
        Value c = node.input(2);
        if (c == null) {
            return;
        }
        for (int axis = 0; axis < 2; axis++) {
            int of = axis - 2 + AxisIndices.rank(c);
            if (of >= 0 && AxisIndices.size(c, of) != 1) {
                axes.tie(axes.ids(y, axis), c, of, node);
            }
        }
    }

    private void elementwise(Node node) {
        int rank = AxisIndices.rank(node.output());
        for (int axis = 0; axis < rank; axis++) {
            broadcast(node, axis, rank);
        }
    }

    /** Ties an axis of all operands, aligned at the end, and gives it to the output. */
    private void broadcast(Node node, int axis, int rank) {
        int[] ids = null;
        for (Value v : node.inputs()) {
            int of = v == null ? -1 : axis - rank + AxisIndices.rank(v);
            if (of >= 0
                    && !v.isConstant()
                    && AxisIndices.size(v, of) == 1
                    && AxisIndices.size(node.output(), axis) != 1) {
                axes.atoms().freeze(axes.ids(v, of), LinearLayer.name(node) + " repeats it");
            } else if (ids == null && of >= 0 && !v.isConstant()) {
                ids = axes.ids(v, of);
            }
        }
        if (ids == null) {
            return;
        }
        for (Value v : node.inputs()) {
            int of = v == null ? -1 : axis - rank + AxisIndices.rank(v);
            if (v != null && AxisIndices.rank(v) < 0) {
                axes.atoms().freeze(ids, "it meets %" + v.name() + " of unknown rank");
            } else if (of >= 0 && (AxisIndices.size(v, of) != 1 || ids.length == 1)) {
                axes.tie(ids, v, of, node);
            }
        }
        axes.set(node.output(), axis, ids);
    }

    /** Batch and channels pass; vectors of channels follow; other axes are not followed. */
    private void channelwise(Node node, int operands) {
        Value x = node.input(0);
        joinPlaces(node);
        int[] channels = AxisIndices.rank(x) < 2 ? null : axes.ids(x, 1);
        if (channels != null) {
            for (int i = 1; i < operands; i++) {
                axes.tie(channels, node.input(i), 0, node);
            }
            axes.set(node.output(), 1, channels);
        }
        axes.set(node.output(), 0, axes.ids(x, 0));
    }

    /** One axis, or all from it on, are joined, so they stay. The others pass. */
    private void normalized(Node node, int axis, boolean isToEnd) {
        Value x = node.input(0);
        int rank = AxisIndices.rank(x);
        int first = axis < 0 ? axis + rank : axis;
        int widest =
                node.inputs().stream().skip(1).mapToInt(AxisIndices::rank).max().orElse(0);
        if (isToEnd && widest > rank - first) {
            freeze(node);
            return;
        }
        for (int a = 0; a < rank; a++) {
            if (a == first || isToEnd && a > first) {
                axes.atoms().freeze(axes.ids(x, a), LinearLayer.name(node) + " normalises over it");
            } else {
                for (Value y : node.outputs()) {
                    axes.set(y, a, axes.ids(x, a));
                }
            }
        }
    }

    private void reduction(Node node, Reduction reduction) {
        Value x = node.input(0);
        Value list = node.input(1);
        if (list != null && !list.isConstant() || AxisIndices.rank(x) < 0) {
            freeze(node);
            return;
        }
        boolean[] reduced =
                reduction.reduced(list == null ? null : list.constant().toLongArray(), AxisIndices.rank(x));
        int to = 0;
        for (int a = 0; a < reduced.length; a++) {
            if (reduced[a]) {
                axes.atoms().freeze(axes.ids(x, a), LinearLayer.name(node) + " reduces it");
                to += reduction.keepdims() ? 1 : 0;
            } else {
                axes.set(node.output(), to++, axes.ids(x, a));
            }
        }
    }
}
