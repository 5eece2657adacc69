package dev.tenon.graph.gradient;

import dev.tenon.graph.Value;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.op.math.Equal;
import dev.tenon.op.math.Sign;
import dev.tenon.op.reduce.ReduceL1;
import dev.tenon.op.reduce.ReduceL2;
import dev.tenon.op.reduce.ReduceLogSum;
import dev.tenon.op.reduce.ReduceLogSumExp;
import dev.tenon.op.reduce.ReduceMax;
import dev.tenon.op.reduce.ReduceMean;
import dev.tenon.op.reduce.ReduceMin;
import dev.tenon.op.reduce.ReduceProd;
import dev.tenon.op.reduce.ReduceSum;
import dev.tenon.op.reduce.ReduceSumSquare;
import dev.tenon.op.reduce.Reduction;
import dev.tenon.op.shape.CumProd;
import java.util.stream.IntStream;

/** Gradients of reductions. Results and their gradients have reduced axes as dimensions of 1 here. */
final class ReductionGradients {
    /** The gradient of the operand; it may lack elements that broadcasting repeats. */
    @FunctionalInterface
    private interface Kept {
        Value gradient(NodeGradient n, Value y, Value dy);
    }

    private ReductionGradients() {}

    static void addTo(GradientTable t) {
        reduction(t, ReduceSum.class, (n, y, dy) -> dy);
        reduction(
                t,
                ReduceMean.class,
                (n, y, dy) -> n.mul(
                        dy,
                        (double) Math.max(1, RowMajor.size(Formulas.dims(y))) / Math.max(1, RowMajor.size(n.dims(0)))));
        reduction(t, ReduceSumSquare.class, (n, y, dy) -> n.mul(n.mul(dy, 2), n.x()));
        reduction(t, ReduceL1.class, (n, y, dy) -> n.mul(dy, n.make(new Sign(), n.x())));
        // The norm has no derivative at 0; 0 lies between its one-sided ones.
        reduction(t, ReduceL2.class, (n, y, dy) -> {
            Value norm = n.where(n.compare(new Equal(), y, 0), n.number(y, 1), y);
            return n.mul(n.div(dy, norm), n.x());
        });
        reduction(t, ReduceLogSum.class, (n, y, dy) -> n.div(dy, n.exp(y)));
        reduction(t, ReduceLogSumExp.class, (n, y, dy) -> n.mul(dy, n.exp(n.sub(n.x(), y))));
        reduction(t, ReduceMax.class, ReductionGradients::ofExtreme);
        reduction(t, ReduceMin.class, ReductionGradients::ofExtreme);
        t.rule(ReduceProd.class, (op, n) -> n.give(0, () -> ofProduct(op, n)));
    }

    private static <O extends Reduction> void reduction(GradientTable t, Class<O> type, Kept kept) {
        t.rule(
                type,
                (op, n) -> n.give(0, () -> {
                    long[] dims = n.dims(0);
                    boolean[] reduced = op.reduced(n.longs(1), dims.length);
                    long[] keptDims = IntStream.range(0, dims.length)
                            .mapToLong(i -> reduced[i] ? 1 : dims[i])
                            .toArray();
                    Value dy = n.reshape(n.dy(), keptDims);
                    return n.expand(kept.gradient(n, n.reshape(n.y(), keptDims), dy), dims);
                }));
    }

    /** The gradient of a largest or least element: elements that are equal to it share it. */
    static Value ofExtreme(NodeGradient n, Value y, Value dy) {
        Value chosen = n.make(new Equal(), n.x(), y);
        Value ones = n.masked(chosen, n.number(y, 1));
        return n.masked(chosen, n.div(dy, n.sumTo(ones, Formulas.dims(y))));
    }

    /** Each element has the product of all others as its slope: those before it times those after it. */
    private static Value ofProduct(ReduceProd op, NodeGradient n) {
        long[] dims = n.dims(0);
        boolean[] reduced = op.reduced(n.longs(1), dims.length);
        int[] perm = IntStream.concat(
                        IntStream.range(0, dims.length).filter(i -> !reduced[i]),
                        IntStream.range(0, dims.length).filter(i -> reduced[i]))
                .toArray();
        Value moved = n.transpose(n.x(), perm);
        long groups = RowMajor.size(Formulas.dims(n.y()));
        Value rows = n.reshape(moved, groups, RowMajor.size(dims) / Math.max(1, groups));
        Value before = n.make(new CumProd(true, false), rows, n.integers(1L));
        Value after = n.make(new CumProd(true, true), rows, n.integers(1L));
        Value slopes = n.mul(n.mul(before, after), n.reshape(n.dy(), groups, 1));
        return n.transpose(n.reshape(slopes, Formulas.dims(moved)), Formulas.inverse(perm));
    }
}
