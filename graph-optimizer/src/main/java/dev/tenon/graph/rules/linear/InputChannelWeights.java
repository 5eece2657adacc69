package dev.tenon.graph.rules.linear;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.graph.rules.analysis.Weights;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;

/**
 * The constant weights of a linear operator, by channels of its input.
 *
 * @param node a node of Conv, ConvTranspose, Gemm or MatMul with constant weights
 */
record InputChannelWeights(Node node) {
    private Tensor weights() {
        return node.input(1).constant();
    }

    /** Whether a MatMul has other weights than a matrix. */
    private boolean isOther() {
        return node.op() instanceof MatMul && weights().rank() != 2;
    }

    /**
     * A constant that is added to the input or multiplied with it, and does not change its shape, as one number for each channel or one for all
     * channels; null if it is neither.
     */
    double[] perChannel(Value x, Tensor c) {
        int rank = Shapes.rank(x);
        if (c.size() == 0) {
            return null;
        }
        boolean uniform = true;
        for (long i = 1; i < c.size(); i++) {
            uniform &= Double.compare(c.getDouble(i), c.getDouble(0)) == 0;
        }
        if (uniform) {
            return new double[] {c.getDouble(0)};
        }
        if (isOther()) {
            return null;
        }
        int axis = node.op() instanceof MatMul ? rank - 1 : 1;
        boolean transposed = node.op() instanceof Gemm g && g.transA();
        for (int i = 1; i <= c.rank(); i++) {
            long d = c.dim(c.rank() - i);
            if (d != 1 && (transposed || rank - i != axis)) {
                return null;
            }
        }
        double[] result = new double[(int) c.size()];
        Arrays.setAll(result, c::getDouble);
        return result;
    }

    /** The input channel that a weight is multiplied with. */
    int channel(long i) {
        Tensor w = weights();
        return (int)
                switch (node.op()) {
                    case Conv c -> {
                        long group = i / (w.size() / c.group());
                        long window = w.size() / w.dim(0) / w.dim(1);
                        yield group * w.dim(1) + i / window % w.dim(1);
                    }
                    case ConvTranspose c -> i / (w.size() / w.dim(0));
                    case Gemm g -> g.transB() ? i % w.dim(1) : i / w.dim(1);
                    default -> i / w.dim(1);
                };
    }

    /** The weights times the factors of their channels. */
    Tensor scaled(double[] factor) {
        Tensor w = weights();
        Tensor scaled = Tensor.allocate(w.dtype(), w.dims());
        for (long i = 0; i < w.size(); i++) {
            scaled.setDouble(i, w.getDouble(i) * of(factor, i));
        }
        return scaled;
    }

    private double of(double[] numbers, long i) {
        return numbers[numbers.length == 1 ? 0 : channel(i)];
    }

    /** Whether a finite weight would not be finite after the multiplication. */
    boolean overflows(double[] factor) {
        double most = Arrays.stream(factor).map(Math::abs).max().orElse(0);
        return Weights.overflow(weights(), most, i -> of(factor, i));
    }

    /**
     * The bias of the operator after a shift of its input is folded into it. Null if an output is not the sum over all
     * weights of its channel, as where a convolution pads, or if the bias is not constant or not one number for each
     * channel.
     */
    Tensor shifted(double[] shift) {
        Tensor w = weights();
        Tensor bias = node.input(2) == null ? null : node.input(2).constant();
        if (node.input(2) != null && bias == null || w.size() == 0 || isOther()) {
            return null;
        }
        boolean byRows = node.op() instanceof Conv || node.op() instanceof Gemm g && g.transB();
        boolean fits =
                switch (node.op()) {
                    case Conv c -> !pads(c.window());
                    case Gemm g -> g.alpha() == 1 && g.beta() == 1 && !g.transA();
                    default -> node.op() instanceof MatMul;
                };
        int outputs = (int) w.dim(byRows ? 0 : 1);
        if (!fits || bias != null && !bias.shapeIs(new long[] {outputs})) {
            return null;
        }
        double[] sums = new double[outputs];
        long row = w.size() / outputs;
        for (long i = 0; i < w.size(); i++) {
            sums[(int) (byRows ? i / row : i % outputs)] += w.getDouble(i) * of(shift, i);
        }
        Tensor result = Tensor.allocate(w.dtype(), outputs);
        for (int i = 0; i < outputs; i++) {
            result.setDouble(i, sums[i] + (bias == null ? 0 : bias.getDouble(i)));
        }
        return result;
    }

    /** Whether a window may reach over the edge of its input. */
    static boolean pads(WindowAttributes window) {
        boolean same = window.autoPad() == WindowAttributes.AutoPad.SAME_LOWER
                || window.autoPad() == WindowAttributes.AutoPad.SAME_UPPER;
        return same || window.pads().stream().anyMatch(p -> p != 0);
    }
}
