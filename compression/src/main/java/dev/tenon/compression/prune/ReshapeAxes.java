package dev.tenon.compression.prune;

import dev.tenon.compression.LinearLayer;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.shape.Reshape;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;

/**
 * Follows indices through a Reshape or Flatten. Input and output fall into blocks of axes with the same product. An axis
 * passes; axes that are joined give each index of the joined axis that of the one axis that is followed; an axis that is
 * divided gives its indices to one of the new axes, and those of one part go away together: a head of attention moves whole.
 */
final class ReshapeAxes {
    /** The most values that one product computes side by side: queries, keys and values of attention. */
    private static final int PACKED = 3;

    private final AxisIndices axes;
    private final Node node;
    private final Value x;
    private final Value y;

    ReshapeAxes(AxisIndices axes, Node node) {
        this.axes = axes;
        this.node = node;
        this.x = node.input(0);
        this.y = node.output();
    }

    void follow() {
        int[][] blocks = blocks();
        boolean isWritable = node.op() instanceof Reshape ? target(null) != null : true;
        if (blocks == null || !isWritable) {
            axes.freeze(x, LinearLayer.name(node) + " mixes it with other axes");
            return;
        }
        for (int[] block : blocks) {
            block(block[0], block[1], block[2], block[3]);
        }
        if (node.op() instanceof Reshape) {
            axes.resized().add(node);
        }
    }

    /**
     * The blocks, each as the first axis and the axis after the last of the input, then of the output; null if sizes are not
     * known well enough.
     */
    private int[][] blocks() {
        int ranks = AxisIndices.rank(x);
        int outRank = AxisIndices.rank(y);
        int[][] blocks = new int[ranks + outRank][];
        int count = 0;
        int i = 0;
        int o = 0;
        while (i < ranks || o < outRank) {
            int firstI = i;
            int firstO = o;
            Dim in = i < ranks ? AxisIndices.dim(x, i++) : Dim.of(1);
            Dim out = o < outRank ? AxisIndices.dim(y, o++) : Dim.of(1);
            while (!in.equals(out)) {
                boolean isInLess =
                        in.isKnown() && out.isKnown() ? in.value() < out.value() : !out.isKnown() && in.isKnown();
                if (isInLess && i < ranks) {
                    in = in.times(AxisIndices.dim(x, i++));
                } else if (o < outRank && !isInLess) {
                    out = out.times(AxisIndices.dim(y, o++));
                } else if (i < ranks) {
                    in = in.times(AxisIndices.dim(x, i++));
                } else if (o < outRank) {
                    out = out.times(AxisIndices.dim(y, o++));
                } else {
                    return null;
                }
            }
            blocks[count++] = new int[] {firstI, i, firstO, o};
        }
        return Arrays.copyOf(blocks, count);
    }

    private void block(int fromI, int toI, int fromO, int toO) {
        int followed = -1;
        for (int a = fromI; a < toI; a++) {
            if (axes.ids(x, a) != null) {
                if (followed >= 0) {
                    axes.atoms().freeze(axes.ids(x, followed), LinearLayer.name(node) + " joins it with another axis");
                }
                followed = a;
            }
        }
        if (followed < 0) {
            return;
        }
        int[] ids = axes.ids(x, followed);
        int wideI = wide(x, fromI, toI);
        int wideO = wide(y, fromO, toO);
        if (wideI == 1 && wideO == 1) {
            axes.set(y, firstWide(y, fromO, toO), ids);
        } else if (wideO == 1) {
            join(fromI, toI, followed, firstWide(y, fromO, toO));
        } else if (wideI == 1) {
            divide(ids, fromO, toO);
        } else {
            axes.atoms().freeze(ids, LinearLayer.name(node) + " mixes it with other axes");
        }
    }

    /** The number of axes that are not 1. */
    private static int wide(Value v, int from, int to) {
        int count = 0;
        for (int a = from; a < to; a++) {
            count += AxisIndices.size(v, a) == 1 ? 0 : 1;
        }
        return count;
    }

    private static int firstWide(Value v, int from, int to) {
        for (int a = from; a < to; a++) {
            if (AxisIndices.size(v, a) != 1) {
                return a;
            }
        }
        return from;
    }

    private void join(int from, int to, int followed, int out) {
        int[] ids = axes.ids(x, followed);
        long before = 1;
        long after = 1;
        for (int a = from; a < to; a++) {
            long size = AxisIndices.size(x, a);
            if (size < 0) {
                axes.atoms().freeze(ids, LinearLayer.name(node) + " joins it with an axis of no known size");
                return;
            }
            before *= a < followed ? size : 1;
            after *= a > followed ? size : 1;
        }
        int[] joined = new int[Math.toIntExact(before * ids.length * after)];
        for (int i = 0; i < joined.length; i++) {
            joined[i] = ids[(int) (i / after % ids.length)];
        }
        axes.set(y, out, joined);
    }

    private void divide(int[] ids, int from, int to) {
        int out = followed(from, to);
        long parts = AxisIndices.size(y, out);
        long before = 1;
        for (int a = from; a < out; a++) {
            before *= AxisIndices.size(y, a);
        }
        if (parts <= 0 || before <= 0 || ids.length % (before * parts) != 0) {
            axes.atoms().freeze(ids, LinearLayer.name(node) + " divides it by a number that is not known");
            return;
        }
        int size = (int) (ids.length / before / parts);
        int[] first = new int[(int) parts];
        for (int p = 0; p < parts; p++) {
            first[p] = ids[p * size];
        }
        for (int i = 0; i < ids.length; i++) {
            axes.atoms().union(first[(int) (i / size % parts)], ids[i]);
        }
        axes.set(y, out, first);
    }

    /**
     * The one of the new axes that is followed: the first that is not 1, or the one after it if that tells queries, keys and
     * values apart.
     */
    private int followed(int from, int to) {
        int first = firstWide(y, from, to);
        int second = firstWide(y, first + 1, to);
        boolean isPacked =
                wide(y, from, to) >= 3 && AxisIndices.size(y, first) > 0 && AxisIndices.size(y, first) <= PACKED;
        return isPacked ? second : first;
    }

    /**
     * The shape operand of the Reshape.
     *
     * @param kept tells which indices are left, or null if all are
     * @return the shape; null if it can't be told by a constant
     */
    Tensor target(Shrinking kept) {
        long[] target = new long[AxisIndices.rank(y)];
        boolean isZeroSize = node.op() instanceof Reshape reshape && reshape.allowzero();
        boolean isOpen = false;
        for (int a = 0; a < target.length; a++) {
            Dim dim = AxisIndices.dim(y, a);
            int[] ids = axes.ids(y, a);
            if (dim.isKnown()) {
                target[a] = kept == null || ids == null ? dim.value() : kept.count(ids);
            } else if (!isZeroSize
                    && a < AxisIndices.rank(x)
                    && AxisIndices.dim(x, a).equals(dim)) {
                target[a] = 0;
            } else if (!isOpen) {
                target[a] = -1;
                isOpen = true;
            } else {
                return null;
            }
        }
        return Tensor.of(target);
    }
}
