package dev.tenon.graph.gradient;

import dev.tenon.graph.Value;
import dev.tenon.op.geometry.ResizeTaps;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.op.geometry.WindowGrid;
import dev.tenon.op.gradient.GatherGradient;
import dev.tenon.op.math.GreaterOrEqual;
import dev.tenon.op.nn.AveragePool;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.nn.GlobalMaxPool;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.op.vision.Resize;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Gradients of pooling and resizing. */
final class PoolGradients {
    /** The maximum number of elements of the matrix of an axis. */
    private static final long MAX_MATRIX = 1 << 22;

    private PoolGradients() {}

    static void addTo(GradientTable t) {
        t.rule(MaxPool.class, (op, n) -> n.give(0, () -> maximum(op, n)));
        t.rule(AveragePool.class, (op, n) -> n.give(0, () -> average(op, n)));
        t.rule(
                GlobalAveragePool.class,
                (op, n) -> n.give(0, () -> {
                    long pixels = RowMajor.size(n.dims(0)) / Math.max(1, RowMajor.size(Formulas.dims(n.y())));
                    return n.expand(n.mul(n.dy(), 1.0 / pixels), n.dims(0));
                }));
        t.rule(GlobalMaxPool.class, (op, n) -> n.give(0, () -> ReductionGradients.ofExtreme(n, n.y(), n.dy())));
        t.rule(Resize.class, (op, n) -> n.give(0, () -> resize(op, n)));
    }

    /** The gradient of each window is added to the element that is its maximum, in the order of the windows. */
    private static Value maximum(MaxPool op, NodeGradient n) {
        long windows = RowMajor.size(Formulas.dims(n.y()));
        Value indices = n.out(1) != null && op.storageOrder() == 0
                ? n.out(1)
                : n.make(new MaxPool(op.window(), 0), List.of(n.x()), 2).get(1);
        Value at = n.reshape(indices, windows);
        // A window of padding alone has the index -1, and counts for nothing.
        Value dy = n.masked(n.compare(new GreaterOrEqual(), at, 0), n.reshape(n.dy(), windows));
        return n.reshape(n.make(new GatherGradient(0, RowMajor.size(n.dims(0))), at, dy), n.dims(0));
    }

    /** The gradients of windows, each divided by the number of its elements, are added to all elements of the windows. */
    private static Value average(AveragePool op, NodeGradient n) {
        long[] yd = Formulas.dims(n.y());
        long[] xd = n.dims(0);
        long[] kernel =
                op.window().kernelShape().stream().mapToLong(Long::longValue).toArray();
        WindowGrid grid = WindowGrid.of(
                op.window(), Arrays.copyOfRange(xd, 2, xd.length), kernel, Arrays.copyOfRange(yd, 2, yd.length));
        Tensor shares = Tensor.allocate(Formulas.dtype(n.y()), Arrays.copyOfRange(yd, 2, yd.length));
        for (long w = 0; w < grid.windows(); w++) {
            long[] count = new long[1];
            grid.visit(w, (input, tap) -> count[0]++);
            shares.setDouble(w, 1.0 / (op.countIncludePad() ? grid.paddedTaps(w) : Math.max(1, count[0])));
        }
        // Each channel is a group of its own.
        long[] ones = new long[xd.length];
        System.arraycopy(kernel, 0, ones, 2, kernel.length);
        ones[0] = xd[1];
        ones[1] = 1;
        Tensor taps = Tensor.allocate(shares.dtype(), ones);
        for (long i = 0; i < taps.size(); i++) {
            taps.setDouble(i, 1);
        }
        return ConvolutionGradients.adjoint(n, grid, xd[1], n.mul(n.dy(), n.constant(shares)), n.constant(taps));
    }

    /** Resizing is a matrix for each axis; the gradient is multiplied by the transposed ones. */
    private static Value resize(Resize op, NodeGradient n) {
        long[] xd = n.dims(0);
        long[] yd = Formulas.dims(n.y());
        for (int i = 1; i < n.count(); i++) {
            n.refuseIf(n.has(i) && !n.in(i).isConstant(), "operand " + i + " is not constant");
        }
        List<ResizeTaps> taps = op.taps(xd, yd, known(n, 1), known(n, 2), known(n, 3))
                .orElseThrow(() ->
                        n.refusal("some elements of the result are no elements of the data, or there are too many"));
        Value v = n.dy();
        for (int axis = 0; axis < xd.length; axis++) {
            if (!taps.get(axis).isIdentity()) {
                v = alongAxis(n, v, axis, taps.get(axis));
            }
        }
        return v;
    }

    private static Tensor known(NodeGradient n, int i) {
        return n.has(i) ? n.in(i).constant() : null;
    }

    private static Value alongAxis(NodeGradient n, Value v, int axis, ResizeTaps taps) {
        n.refuseIf((long) taps.output() * taps.input() > MAX_MATRIX, "the matrix of axis " + axis + " is too large");
        Tensor matrix = Tensor.allocate(Formulas.dtype(v), taps.output(), taps.input());
        for (int o = 0; o < taps.output(); o++) {
            for (int i = taps.start()[o]; i < taps.start()[o + 1]; i++) {
                long at = (long) o * taps.input() + taps.index()[i];
                matrix.setDouble(at, matrix.getDouble(at) + taps.weight()[i]);
            }
        }
        int rank = Formulas.rank(v);
        int[] last = IntStream.concat(IntStream.of(Formulas.axesBut(rank, axis)), IntStream.of(axis))
                .toArray();
        return n.transpose(n.matMul(n.transpose(v, last), n.constant(matrix)), Formulas.inverse(last));
    }
}
