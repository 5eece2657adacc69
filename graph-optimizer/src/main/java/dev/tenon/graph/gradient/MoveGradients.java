package dev.tenon.graph.gradient;

import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import dev.tenon.op.geometry.SliceRange;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.CumSum;
import dev.tenon.op.shape.DepthToSpace;
import dev.tenon.op.shape.Expand;
import dev.tenon.op.shape.Flatten;
import dev.tenon.op.shape.Identity;
import dev.tenon.op.shape.Pad;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.ReverseSequence;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.SpaceToDepth;
import dev.tenon.op.shape.Split;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Tile;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.shape.Trilu;
import dev.tenon.op.shape.Unsqueeze;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/** Gradients of operators that move elements: the elements of the gradient move back, and those that meet are added. */
final class MoveGradients {
    private MoveGradients() {}

    static void addTo(GradientTable t) {
        view(t, Reshape.class);
        view(t, Flatten.class);
        view(t, Squeeze.class);
        view(t, Unsqueeze.class);
        view(t, Identity.class);
        t.rule(
                Transpose.class,
                (op, n) -> n.give(0, () -> n.transpose(n.dy(), Formulas.inverse(op.permutation(n.dims(0).length)))));
        t.rule(Expand.class, (op, n) -> n.give(0, n::dy));
        t.rule(Tile.class, (op, n) -> n.give(0, () -> tile(n)));
        t.rule(Concat.class, MoveGradients::concat);
        t.rule(Split.class, (op, n) -> n.give(0, () -> split(op, n)));
        t.rule(Slice.class, (op, n) -> n.give(0, () -> slice(n)));
        t.rule(Pad.class, MoveGradients::pad);
        t.rule(Trilu.class, (op, n) -> n.give(0, () -> n.has(1) ? n.make(op, n.dy(), n.in(1)) : n.make(op, n.dy())));
        t.rule(
                CumSum.class,
                (op, n) -> n.give(0, () -> n.make(new CumSum(op.exclusive(), !op.reverse()), n.dy(), n.in(1))));
        t.rule(ReverseSequence.class, (op, n) -> n.give(0, () -> n.make(op, n.dy(), n.in(1))));
        t.rule(SpaceToDepth.class, (op, n) -> n.give(0, () -> n.make(new DepthToSpace(op.blocksize(), "DCR"), n.dy())));
        t.rule(DepthToSpace.class, (op, n) -> n.give(0, () -> spaceToDepth(op, n)));
    }

    private static <O extends Op> void view(GradientTable t, Class<O> type) {
        t.rule(type, (op, n) -> n.give(0, () -> n.reshape(n.dy(), n.dims(0))));
    }

    /** Each repetition is a dimension of its own, over which the gradient is summed. */
    private static Value tile(NodeGradient n) {
        long[] dims = n.dims(0);
        long[] repeats = n.longs(1);
        long[] apart = new long[2 * dims.length];
        int[] axes = new int[dims.length];
        for (int i = 0; i < dims.length; i++) {
            apart[2 * i] = repeats[i];
            apart[2 * i + 1] = dims[i];
            axes[i] = 2 * i;
        }
        return n.reshape(n.sum(n.reshape(n.dy(), apart), axes), dims);
    }

    private static void concat(Concat op, NodeGradient n) {
        int axis = NodeFormulas.axis(op.axis(), n.dims(0).length);
        long start = 0;
        for (int i = 0; i < n.count(); i++) {
            long from = start;
            long to = from + n.dims(i)[axis];
            n.give(i, () -> n.slice(n.dy(), axis, from, to));
            start = to;
        }
    }

    private static Value split(Split op, NodeGradient n) {
        int axis = NodeFormulas.axis(op.axis(), n.dims(0).length);
        long[] sizes = n.longs(1);
        List<Value> parts = new ArrayList<>();
        Value like = null;
        for (int i = 0; i < n.results(); i++) {
            like = n.dy(i) == null ? like : n.dy(i);
        }
        long left = n.dims(0)[axis];
        long equal = -Math.floorDiv(-left, n.results());
        for (int i = 0; i < n.results(); i++) {
            long size = sizes != null ? sizes[i] : Math.min(equal, left);
            left -= size;
            long[] dims = n.dims(0).clone();
            dims[axis] = size;
            parts.add(n.dy(i) == null ? n.zeros(like, dims) : n.dy(i));
        }
        return n.concat(axis, parts);
    }

    private static Value slice(NodeGradient n) {
        long[] starts = n.longs(1);
        long[] ends = n.longs(2);
        long[] steps = n.longs(4);
        int rank = n.dims(0).length;
        int[] axes = n.has(3) ? n.axes(3, rank) : null;
        Value v = n.dy();
        for (int i = 0; i < starts.length; i++) {
            int axis = axes == null ? i : axes[i];
            long dim = n.dims(0)[axis];
            SliceRange range = SliceRange.of(dim, starts[i], ends[i], steps == null ? 1 : steps[i]);
            v = unsliced(n, v, axis, dim, range);
        }
        return v;
    }

    /** The elements at their places along an axis, between zeros. */
    private static Value unsliced(Formulas f, Value v, int axis, long dim, SliceRange range) {
        if (range.count() == 0) {
            return f.pad(v, axis, dim, 0);
        }
        boolean back = range.step() < 0 && range.count() > 1;
        long step = range.count() == 1 ? 1 : Math.abs(range.step());
        long first = back ? range.start() + (range.count() - 1) * range.step() : range.start();
        Value spread = back ? f.reversed(v, axis) : v;
        if (step > 1) {
            long[] dims = Formulas.dims(v);
            dims[axis] *= step;
            Value apart = f.pad(f.unsqueeze(spread, axis + 1), axis + 1, 0, step - 1);
            // The zeros after the last element may reach beyond the end.
            spread = f.slice(f.reshape(apart, dims), axis, 0, (range.count() - 1) * step + 1);
        }
        return f.pad(spread, axis, first, dim - first - (range.count() - 1) * step - 1);
    }

    private static void pad(Pad op, NodeGradient n) {
        n.give(2, () -> outside(op, n));
        n.give(0, () -> {
            long[] pads = n.longs(1);
            int rank = n.dims(0).length;
            int[] axes = n.has(3) ? n.axes(3, rank) : Formulas.axesBut(rank);
            Value v = n.dy();
            for (int i = 0; i < axes.length; i++) {
                long before = pads[i];
                long after = pads[i + axes.length];
                v = op.mode() == Pad.Mode.CONSTANT
                        ? n.pad(v, axes[i], -before, -after)
                        : IndexGradients.gathered(
                                n, v, axes[i], sources(op, before, after, n.dims(0)[axes[i]]), n.dims(0)[axes[i]]);
            }
            return v;
        });
    }

    /** For each element of a padded axis the element of the data that it copies. */
    private static long[] sources(Pad op, long before, long after, long dim) {
        return LongStream.range(0, dim + before + after)
                .map(i -> op.source(i, before, after, dim))
                .toArray();
    }

    /** The sum of the gradient outside of the data. */
    private static Value outside(Pad op, NodeGradient n) {
        n.refuseIf(op.mode() != Pad.Mode.CONSTANT, "no element has the constant");
        long[] all = n.longs(1);
        int rank = n.dims(0).length;
        int[] axes = n.has(3) ? n.axes(3, rank) : Formulas.axesBut(rank);
        Value inside = n.dy();
        for (int i = 0; i < axes.length; i++) {
            long before = Math.max(0, all[i]);
            long size = Formulas.dims(inside)[axes[i]] - before - Math.max(0, all[i + axes.length]);
            inside = n.slice(inside, axes[i], before, before + size);
        }
        return n.sub(n.sumTo(n.dy(), n.dims(2)), n.sumTo(inside, n.dims(2)));
    }

    private static Value spaceToDepth(DepthToSpace op, NodeGradient n) {
        if (op.mode().equals("DCR")) {
            return n.make(new SpaceToDepth(op.blocksize()), n.dy());
        }
        long[] d = n.dims(0);
        long b = op.blocksize();
        Value blocks = n.reshape(n.dy(), d[0], d[1] / (b * b), d[2], b, d[3], b);
        return n.reshape(n.transpose(blocks, 0, 1, 3, 5, 2, 4), d);
    }
}
