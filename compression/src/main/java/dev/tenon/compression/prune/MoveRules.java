package dev.tenon.compression.prune;

import dev.tenon.compression.LinearLayer;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Flatten;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Identity;
import dev.tenon.op.shape.Pad;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Shape;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Split;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.op.vision.Resize;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Follows indices through operators that only move elements. */
final class MoveRules {
    private final AxisIndices axes;

    MoveRules(AxisIndices axes) {
        this.axes = axes;
    }

    /** Follows a node. Returns false if there is no rule for it. */
    boolean follow(Node node) {
        if (AxisIndices.rank(node.input(0)) < 0 || !(node.op() instanceof Concat) && hasFollowedOperand(node)) {
            return false;
        }
        return switch (node.op()) {
            case Identity _ -> same(node);
            case Transpose transpose -> transposed(node, transpose);
            case Concat concat -> concatenated(node, concat.axis());
            case Split split -> split(node, split.axis());
            case Squeeze _, Unsqueeze _ -> squeezed(node);
            case Flatten _, Reshape _ -> reshaped(node);
            case Slice _ -> sliced(node);
            case Gather gather -> gathered(node, gather.axis());
            case Pad _ -> padded(node);
            case Resize resize -> resized(node, resize);
            case Shape _ -> true;
            default -> false;
        };
    }

    /** Whether places, sizes or scales are given by a value that is followed. */
    private boolean hasFollowedOperand(Node node) {
        return node.inputs().subList(1, node.inputs().size()).stream()
                .anyMatch(v -> v != null && !v.isConstant() && axes.isFollowed(v));
    }

    private boolean same(Node node) {
        for (int a = 0; a < AxisIndices.rank(node.output()); a++) {
            axes.set(node.output(), a, axes.ids(node.input(0), a));
        }
        return true;
    }

    private boolean transposed(Node node, Transpose transpose) {
        int[] perm = transpose.permutation(AxisIndices.rank(node.input(0)));
        for (int a = 0; a < perm.length; a++) {
            axes.set(node.output(), a, axes.ids(node.input(0), perm[a]));
        }
        return true;
    }

    private boolean concatenated(Node node, int given) {
        int rank = AxisIndices.rank(node.output());
        int along = given < 0 ? given + rank : given;
        boolean isFollowed = node.inputs().stream().anyMatch(axes::isFollowed);
        if (!isFollowed) {
            return true;
        }
        for (int a = 0; a < rank; a++) {
            if (a != along) {
                int[] ids = null;
                for (Value v : node.inputs()) {
                    ids = ids == null && !v.isConstant() ? axes.ids(v, a) : ids;
                }
                for (Value v : node.inputs()) {
                    axes.tie(ids, v, a, node);
                }
                axes.set(node.output(), a, ids);
            }
        }
        List<int[]> parts = new ArrayList<>();
        boolean isAny = false;
        for (Value v : node.inputs()) {
            int[] ids = v.isConstant() ? null : axes.ids(v, along);
            isAny |= ids != null;
            if (ids == null && AxisIndices.size(v, along) < 0) {
                node.inputs()
                        .forEach(x -> axes.atoms().freeze(axes.ids(x, along), "%" + v.name() + " has no known size"));
                return true;
            }
            if (ids == null) {
                ids = axes.atoms().fresh((int) AxisIndices.size(v, along));
                axes.atoms().freeze(ids, "%" + v.name() + " stays");
            }
            parts.add(ids);
        }
        if (isAny) {
            axes.set(node.output(), along, joined(parts));
        }
        return true;
    }

    private static int[] joined(List<int[]> parts) {
        return parts.stream().flatMapToInt(Arrays::stream).toArray();
    }

    private boolean split(Node node, int given) {
        Value x = node.input(0);
        int rank = AxisIndices.rank(x);
        int along = given < 0 ? given + rank : given;
        int[] ids = axes.ids(x, along);
        int at = 0;
        for (Value y : node.outputs()) {
            if (y == null || AxisIndices.rank(y) != rank || ids != null && AxisIndices.size(y, along) < 0) {
                return false;
            }
            for (int a = 0; a < rank; a++) {
                if (a != along) {
                    axes.set(y, a, axes.ids(x, a));
                }
            }
            if (ids != null) {
                int size = (int) AxisIndices.size(y, along);
                axes.set(y, along, Arrays.copyOfRange(ids, at, at + size));
                at += size;
            }
        }
        if (ids != null) {
            axes.resized().add(node);
        }
        return true;
    }

    /** Axes of dimension 1 come or go. */
    private boolean squeezed(Node node) {
        Value x = node.input(0);
        Value y = node.output();
        Value list = node.input(1);
        boolean isFewer = node.op() instanceof Squeeze;
        int longer = AxisIndices.rank(isFewer ? x : y);
        boolean[] isOne = new boolean[longer];
        if (list == null || !list.isConstant()) {
            return false;
        }
        for (long axis : list.constant().toLongArray()) {
            isOne[(int) (axis < 0 ? axis + longer : axis)] = true;
        }
        int other = 0;
        for (int a = 0; a < longer; a++) {
            if (!isOne[a]) {
                axes.set(y, isFewer ? other : a, axes.ids(x, isFewer ? a : other));
                other++;
            }
        }
        return true;
    }

    private boolean reshaped(Node node) {
        if (!axes.isFollowed(node.input(0))) {
            return true;
        }
        new ReshapeAxes(axes, node).follow();
        return true;
    }

    private boolean sliced(Node node) {
        Value x = node.input(0);
        Value list = node.input(3);
        if (list != null && !list.isConstant()) {
            return false;
        }
        int rank = AxisIndices.rank(x);
        boolean[] isCut = new boolean[rank];
        if (list == null) {
            Value starts = node.input(1);
            long count = AxisIndices.rank(starts) == 1 ? AxisIndices.size(starts, 0) : -1;
            Arrays.fill(isCut, 0, count < 0 ? rank : (int) count, true);
        } else {
            for (long axis : list.constant().toLongArray()) {
                isCut[(int) (axis < 0 ? axis + rank : axis)] = true;
            }
        }
        pass(node, isCut);
        return true;
    }

    /** Axes that are cut stay as they are, the others pass. */
    private void pass(Node node, boolean[] isCut) {
        for (int a = 0; a < isCut.length; a++) {
            int[] ids = axes.ids(node.input(0), a);
            if (isCut[a]) {
                axes.atoms().freeze(ids, LinearLayer.name(node) + " takes a part of it");
            } else {
                axes.set(node.output(), a, ids);
            }
        }
    }

    private boolean gathered(Node node, int given) {
        Value x = node.input(0);
        int rank = AxisIndices.rank(x);
        int indices = AxisIndices.rank(node.input(1));
        if (indices < 0) {
            return false;
        }
        int along = given < 0 ? given + rank : given;
        for (int a = 0; a < rank; a++) {
            int[] ids = axes.ids(x, a);
            if (a == along) {
                axes.atoms().freeze(ids, LinearLayer.name(node) + " takes elements of it");
            } else {
                axes.set(node.output(), a < along ? a : a - 1 + indices, ids);
            }
        }
        return true;
    }

    private boolean padded(Node node) {
        Value pads = node.input(1);
        int rank = AxisIndices.rank(node.input(0));
        if (!pads.isConstant() || node.input(3) != null) {
            return false;
        }
        long[] sizes = pads.constant().toLongArray();
        boolean[] isCut = new boolean[rank];
        for (int a = 0; a < rank; a++) {
            isCut[a] = sizes[a] != 0 || sizes[a + rank] != 0;
        }
        pass(node, isCut);
        return true;
    }

    /** Axes whose scale is 1 pass, where the coordinates leave them as they are. */
    private boolean resized(Node node, Resize resize) {
        Value x = node.input(0);
        Value scales = node.input(2);
        boolean isSameAtOne = resize.coordinates() != Resize.Coordinates.TF_CROP_AND_RESIZE
                && resize.coordinates() != Resize.Coordinates.TF_HALF_PIXEL_FOR_NN;
        if (!isSameAtOne
                || scales == null
                || !scales.isConstant()
                || scales.constant().size() != AxisIndices.rank(x)) {
            return false;
        }
        float[] factors = scales.constant().toFloatArray();
        boolean[] isCut = new boolean[factors.length];
        for (int a = 0; a < factors.length; a++) {
            isCut[a] = factors[a] != 1;
        }
        pass(node, isCut);
        return true;
    }
}
