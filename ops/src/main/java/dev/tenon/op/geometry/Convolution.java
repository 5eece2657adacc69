package dev.tenon.op.geometry;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.OpSchema;
import dev.tenon.op.WindowAttributes;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Functions that all convolutions share: their attributes, the shape of their results, and plain loops. */
public final class Convolution {
    private static final long MAX_KERNEL = 1 << 24;

    private Convolution() {}

    /**
     * The attribute group of an operator that convolves.
     *
     * @param schema the operator, for errors
     * @param a its attributes
     * @return the number of groups of channels
     * @throws InvalidOperandException if it is less than 1
     */
    public static long group(OpSchema schema, Attributes a) {
        long group = a.integer("group", 1);
        if (group < 1) {
            throw new InvalidOperandException(
                    schema.qualifiedName(), "attribute 'group' is " + group, "1 or more", null);
        }
        return group;
    }

    /**
     * The shape of a convolution of {@code x} [n, c, ...] with {@code w} [m, c / group, ...], as far as it is known.
     *
     * @param c the node, for errors
     * @param x the shape of the input
     * @param w the shape of the weights
     * @param window how the kernel slides
     * @param group the number of groups of channels
     * @return the shape of the result, [n, m, ...]
     * @throws InvalidOperandException if the shapes do not fit
     */
    public static Shape infer(InferContext c, Shape x, Shape w, WindowAttributes window, long group) {
        if (x.hasRank() && x.rank() < 3) {
            throw c.error("input of shape " + x, "rank 3 or more: instances, channels, spatial axes", null);
        }
        if (w.hasRank() && (w.rank() < 3 || (x.hasRank() && w.rank() != x.rank()))) {
            throw c.error("weights of shape " + w + " for input " + x, "the rank of the input, 3 or more", null);
        }
        if (!x.hasRank() || !w.hasRank()) {
            return Shape.unknownRank();
        }
        checkChannels(c, x, w, group);
        List<Dim> dims = new ArrayList<>(List.of(x.dim(0), w.dim(0)));
        List<Dim> kernel = w.dims().subList(2, w.rank());
        for (int i = 0; i < Math.min(kernel.size(), window.kernelShape().size()); i++) {
            if (kernel.get(i).isKnown()
                    && kernel.get(i).value() != window.kernelShape().get(i)) {
                throw c.error("attribute 'kernel_shape' is " + window.kernelShape(), "that of weights " + w, null);
            }
        }
        dims.addAll(WindowGrid.infer(window, c, x, kernel));
        return Shape.of(dims);
    }

    private static void checkChannels(InferContext c, Shape x, Shape w, long group) {
        Dim m = w.dim(0);
        if (m.isKnown() && m.value() % group != 0) {
            throw c.error("weights of shape " + w, "a multiple of group, " + group + ", in the first dimension", null);
        }
        Dim channels = w.dim(1).times(Dim.of(group));
        if (channels.isKnown()
                && x.dim(1).isKnown()
                && channels.value() != x.dim(1).value()) {
            throw c.error(
                    "input of shape " + x + " and weights of shape " + w + " with group " + group,
                    "an input of " + channels + " channels",
                    null);
        }
    }

    /**
     * Convolves by plain loops. Floats are accumulated in double; integers are exact and wrap around.
     *
     * @param window how the kernel slides
     * @param group the number of groups of channels
     * @param x the input, [n, c, ...]
     * @param w the weights, [m, c / group, ...]
     * @param bias [m], or null
     * @param y the result, of the shape that {@link #infer} gives; overwritten
     * @throws ResourceLimitException if a kernel has more than 2<sup>24</sup> elements
     */
    public static void compute(WindowAttributes window, long group, Tensor x, Tensor w, Tensor bias, Tensor y) {
        if (y.size() == 0) {
            return;
        }
        long[] kernel = spatial(w);
        WindowGrid grid = WindowGrid.of(window, spatial(x), kernel, spatial(y));
        long elements = w.dim(1) == 0 ? 0 : w.size() / w.dim(0) / w.dim(1);
        if (elements > MAX_KERNEL) {
            throw new ResourceLimitException(
                    "convolution", "a kernel of " + elements + " elements", MAX_KERNEL + " elements", null);
        }
        Taps taps = new Taps((int) Math.min(elements, grid.pixels()));
        long windows = grid.windows();
        for (long i = 0; i < windows; i++) {
            taps.count = 0;
            if (w.dim(1) > 0) {
                grid.visit(i, taps);
            }
            for (long out = i; out < y.size(); out += windows) {
                long m = out / windows % y.dim(1);
                long at = (out / windows / y.dim(1) * x.dim(1) + m / (y.dim(1) / group) * w.dim(1)) * grid.pixels();
                if (y.dtype().isFloating()) {
                    double start = bias == null ? 0 : bias.getDouble(m);
                    y.setDouble(out, start + taps.real(x, at, grid.pixels(), w, m));
                } else {
                    y.setLong(out, taps.integer(x, at, grid.pixels(), w, m));
                }
            }
        }
    }

    private static long[] spatial(Tensor t) {
        return Arrays.copyOfRange(t.dims(), 2, t.rank());
    }

    /** The elements of one window that are inside the input. */
    private static final class Taps implements WindowGrid.TapVisitor {
        private final long[] input;
        private final long[] kernel;
        private int count;

        Taps(int most) {
            input = new long[most];
            kernel = new long[most];
        }

        @Override
        public void visit(long inputIndex, long kernelIndex) {
            input[count] = inputIndex;
            kernel[count++] = kernelIndex;
        }

        double real(Tensor x, long at, long pixels, Tensor w, long m) {
            double sum = 0;
            long size = w.size() / w.dim(0) / Math.max(1, w.dim(1));
            for (long c = 0; c < w.dim(1); c++) {
                for (int t = 0; t < count; t++) {
                    sum += x.getDouble(at + c * pixels + input[t]) * w.getDouble((m * w.dim(1) + c) * size + kernel[t]);
                }
            }
            return sum;
        }

        long integer(Tensor x, long at, long pixels, Tensor w, long m) {
            long sum = 0;
            long size = w.size() / w.dim(0) / Math.max(1, w.dim(1));
            for (long c = 0; c < w.dim(1); c++) {
                for (int t = 0; t < count; t++) {
                    sum += x.getLong(at + c * pixels + input[t]) * w.getLong((m * w.dim(1) + c) * size + kernel[t]);
                }
            }
            return sum;
        }
    }
}
