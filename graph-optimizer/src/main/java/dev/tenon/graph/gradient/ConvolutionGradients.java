package dev.tenon.graph.gradient;

import dev.tenon.graph.Value;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.geometry.WindowGrid;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.vision.ConvTranspose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Gradients of convolutions. That of the input is a transposed convolution. That of the weights is a convolution of the
 * input with the gradient as its weights, where samples and channels change places, and strides and dilations too
 * (V. Dumoulin, F. Visin, A guide to convolution arithmetic for deep learning, 2016).
 */
final class ConvolutionGradients {
    /** The maximum number of terms of a sum: weight gradients of more are computed for some samples at a time. */
    private static final long MAX_TERMS = 1 << 16;

    private ConvolutionGradients() {}

    static void addTo(GradientTable t) {
        t.rule(Conv.class, ConvolutionGradients::convolution);
        t.rule(ConvTranspose.class, ConvolutionGradients::transposed);
    }

    private static void convolution(Conv op, NodeGradient n) {
        WindowGrid grid = WindowGrid.of(op.window(), spatial(n.dims(0)), spatial(n.dims(1)), spatial(n.y()));
        n.give(0, () -> adjoint(n, grid, op.group(), n.dy(), n.in(1)));
        n.give(1, () -> weights(n, grid, op.group(), n.in(0), n.dy()));
        bias(n);
    }

    private static void transposed(ConvTranspose op, NodeGradient n) {
        WindowGrid grid = WindowGrid.transposed(
                op.window(),
                op.outputPadding(),
                op.outputShape(),
                spatial(n.dims(0)),
                spatial(n.dims(1)),
                spatial(n.y()));
        n.give(0, () -> {
            if (grid.windows() == 0) {
                return n.zeros(n.dy(), n.dims(0));
            }
            // Output padding may have room for further windows.
            Value all = n.make(new Conv(window(grid, List.of()), op.group()), n.dy(), n.in(1));
            return fit(n, all, spatial(n.dims(0)));
        });
        n.give(1, () -> weights(n, grid, op.group(), n.dy(), n.in(0)));
        bias(n);
    }

    private static void bias(NodeGradient n) {
        n.give(2, () -> n.reshape(n.sum(n.dy(), Formulas.axesBut(Formulas.rank(n.dy()), 1)), n.dims(2)));
    }

    private static long[] spatial(Value v) {
        return spatial(Formulas.dims(v));
    }

    private static long[] spatial(long[] dims) {
        return Arrays.copyOfRange(dims, 2, dims.length);
    }

    private static WindowAttributes window(WindowGrid grid, List<Long> pads) {
        List<Long> given = new ArrayList<>(pads);
        if (pads.isEmpty()) {
            grid.axes().forEach(a -> given.add(a.padBegin()));
            grid.axes().forEach(a -> given.add(a.padEnd()));
        }
        return new WindowAttributes(
                WindowAttributes.AutoPad.NOTSET,
                List.of(),
                grid.axes().stream().map(WindowGrid.Axis::stride).toList(),
                given,
                grid.axes().stream().map(WindowGrid.Axis::dilation).toList(),
                false);
    }

    /**
     * Adds the multiples of a kernel to the windows of a grid: the adjoint of the convolution.
     *
     * @param grid the windows over the result
     * @param group the number of groups of channels
     * @param v a factor for each window, [samples, outputs, ...]
     * @param w the kernel of the convolution, [outputs, inputs / group, ...]
     * @return a value of the dimensions of the input, [samples, inputs, ...]
     */
    static Value adjoint(Formulas f, WindowGrid grid, long group, Value v, Value w) {
        List<Long> begins = new ArrayList<>();
        List<Long> ends = new ArrayList<>();
        List<Long> added = new ArrayList<>();
        for (WindowGrid.Axis a : grid.axes()) {
            long reach = (a.output() - 1) * a.stride() + (a.kernel() - 1) * a.dilation() + 1;
            long beyond = reach - a.padBegin() - a.input();
            begins.add(a.padBegin());
            ends.add(Math.max(beyond, 0));
            added.add(Math.max(-beyond, 0));
        }
        begins.addAll(ends);
        return f.make(new ConvTranspose(window(grid, begins), group, added, List.of()), v, w);
    }

    /**
     * The gradient of the weights of a convolution.
     *
     * @param grid its windows
     * @param group the number of groups of channels
     * @param x its input, [samples, inputs, ...]
     * @param dy the gradient of its result, [samples, outputs, ...]
     * @return [outputs, inputs / group, ...]
     */
    private static Value weights(Formulas f, WindowGrid grid, long group, Value x, Value dy) {
        if (grid.windows() == 0) {
            return f.zeros(x, join(new long[] {Formulas.dims(dy)[1], Formulas.dims(x)[1] / group}, kernel(grid)));
        }
        long samples = Formulas.dims(x)[0];
        long step = Math.max(1, MAX_TERMS / Math.max(1, grid.windows()));
        Value sum = null;
        for (long from = 0; from < Math.max(1, samples); from += step) {
            long to = Math.min(samples, from + step);
            Value part = someWeights(f, grid, group, f.slice(x, 0, from, to), f.slice(dy, 0, from, to));
            sum = sum == null ? part : f.add(sum, part);
        }
        return sum;
    }

    private static Value someWeights(Formulas f, WindowGrid grid, long group, Value x, Value dy) {
        long[] xd = Formulas.dims(x);
        long inputs = xd[1] / group;
        // [samples, group, inputs, ...] becomes [inputs, group * samples, ...].
        Value grouped = f.reshape(x, join(new long[] {xd[0], group, inputs}, spatial(xd)));
        Value images = f.reshape(
                f.transpose(grouped, join(new int[] {2, 1, 0}, xd.length + 1)),
                join(new long[] {inputs, group * xd[0]}, spatial(xd)));
        Value kernels = f.transpose(dy, join(new int[] {1, 0}, xd.length));
        WindowAttributes own = window(grid, List.of());
        WindowAttributes exchanged =
                new WindowAttributes(own.autoPad(), List.of(), own.dilations(), own.pads(), own.strides(), false);
        Value all = f.make(new Conv(exchanged, group), images, kernels);
        return f.transpose(fit(f, all, kernel(grid)), join(new int[] {1, 0}, xd.length));
    }

    private static long[] kernel(WindowGrid grid) {
        return grid.axes().stream().mapToLong(WindowGrid.Axis::kernel).toArray();
    }

    /** The first elements along each spatial axis. */
    private static Value fit(Formulas f, Value v, long[] spatial) {
        Value fitted = v;
        for (int i = 0; i < spatial.length; i++) {
            fitted = f.slice(fitted, i + 2, 0, spatial[i]);
        }
        return fitted;
    }

    private static long[] join(long[] first, long[] rest) {
        return LongStream.concat(LongStream.of(first), LongStream.of(rest)).toArray();
    }

    /** A permutation that begins with some axes and keeps the others. */
    private static int[] join(int[] first, int rank) {
        return IntStream.concat(IntStream.of(first), IntStream.range(first.length, rank))
                .toArray();
    }
}
