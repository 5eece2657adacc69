package dev.tenon.graph.rules.linear;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.graph.rules.analysis.Weights;
import dev.tenon.op.Op;
import dev.tenon.op.math.Add;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The constant weights of a linear operator, by channels of its output.
 *
 * @param node a node of Conv, ConvTranspose, Gemm or MatMul
 */
record OutputChannelWeights(Node node) {
    /**
     * A function that is to be applied to each channel: times a factor, plus a shift.
     *
     * @param factor the factor of each channel
     * @param shift the shift of each channel
     */
    record Affine(double[] factor, double[] shift) {
        private boolean isFinite() {
            return Arrays.stream(factor).allMatch(Double::isFinite)
                    && Arrays.stream(shift).allMatch(Double::isFinite);
        }

        private boolean shifts() {
            return Arrays.stream(shift).anyMatch(v -> v != 0);
        }
    }

    static OutputChannelWeights of(Match m) {
        return new OutputChannelWeights(m.node("linear"));
    }

    private Op op() {
        return node.op();
    }

    private Tensor weights() {
        return node.input(1).constant();
    }

    private Value bias() {
        boolean ignored = op() instanceof Gemm g && g.beta() == 0;
        return ignored ? null : node.input(2);
    }

    /** The number of channels; -1 if the weights of a MatMul are no matrix. */
    long channels() {
        Tensor w = weights();
        return switch (op()) {
            case Conv c -> w.dim(0);
            case ConvTranspose c -> w.dim(1) * c.group();
            case Gemm g -> w.dim(g.transB() ? 0 : 1);
            default -> w.rank() != 2 ? -1 : w.dim(1);
        };
    }

    private int rank() {
        return op() instanceof MatMul ? Shapes.rank(node.output()) : weights().rank();
    }

    /** The axis of the channels in the output. */
    int axis() {
        return op() instanceof MatMul ? rank() - 1 : 1;
    }

    /**
     * A constant operand of an element-wise operator, as one number for each channel; null if it is no such operand.
     */
    double[] perChannel(Tensor c) {
        long channels = channels();
        int rank = rank();
        if (channels < 0 || c.rank() > rank || channels > Integer.MAX_VALUE) {
            return null;
        }
        for (int i = 1; i <= c.rank(); i++) {
            long d = c.dim(c.rank() - i);
            if (d != 1 && (rank - i != axis() || d != channels)) {
                return null;
            }
        }
        double[] result = new double[(int) channels];
        for (int i = 0; i < result.length; i++) {
            result[i] = c.getDouble(c.size() == 1 ? 0 : i);
        }
        return result;
    }

    /** Why a function can't be folded into the weights, or null. */
    static String reasonAgainst(Match m, Affine a) {
        OutputChannelWeights linear = of(m);
        if (a == null) {
            return "the constant is not one number for each channel";
        }
        if (linear.weights().size() == 0) {
            return "there are no weights";
        }
        Value bias = linear.bias();
        if (bias != null && !bias.isConstant()) {
            return "the bias is not constant";
        }
        if (m.uses(linear.node.input(1)) > 1) {
            return "the weights are shared";
        }
        if (!a.isFinite()) {
            return "a factor is not finite";
        }
        if (bias != null && linear.widened(bias.constant()) == null) {
            return "the addend of the Gemm differs by rows alone";
        }
        return linear.overflows(a) ? "a weight would be out of range" : null;
    }

    /** Whether a finite weight or bias would not be finite after folding. */
    private boolean overflows(Affine a) {
        double most = Arrays.stream(a.factor).map(Math::abs).max().orElse(0);
        if (Weights.overflow(weights(), most, i -> a.factor[channel(i)])) {
            return true;
        }
        Tensor bias = bias() == null ? null : bias().constant();
        float beta = op() instanceof Gemm g && bias != null ? g.beta() : 1;
        if (bias != null) {
            bias = widened(bias);
        }
        Tensor after = biased(bias, beta, a);
        for (long i = 0; i < after.size(); i++) {
            boolean finite = bias == null || Double.isFinite(bias.getDouble(i));
            if (finite && !Double.isFinite(after.getDouble(i))) {
                return true;
            }
        }
        return false;
    }

    /** The addend of a Gemm with one number for each column; null if it differs by rows alone. */
    private Tensor widened(Tensor c) {
        long columns = channels();
        if (c.rank() >= 1 && c.dim(c.rank() - 1) == columns) {
            return c;
        }
        if (c.size() != 1) {
            return null;
        }
        Tensor wide = Tensor.allocate(c.dtype(), columns);
        for (long i = 0; i < columns; i++) {
            wide.setDouble(i, c.getDouble(0));
        }
        return wide;
    }

    /** The output channel of a weight. */
    private int channel(long i) {
        Tensor w = weights();
        return (int)
                switch (op()) {
                    case ConvTranspose c -> {
                        long window = w.size() / w.dim(0) / w.dim(1);
                        long input = i / (window * w.dim(1));
                        yield input / (w.dim(0) / c.group()) * w.dim(1) + i / window % w.dim(1);
                    }
                    case Conv c -> i / (w.size() / w.dim(0));
                    case Gemm g -> g.transB() ? i / w.dim(1) : i % w.dim(1);
                    default -> i % w.dim(1);
                };
    }

    /** The operator with the function folded into its weights and bias. */
    Value folded(Match m, Emitter to, Affine a) {
        Tensor w = weights();
        Tensor scaled = Tensor.allocate(w.dtype(), w.dims());
        for (long i = 0; i < w.size(); i++) {
            scaled.setDouble(i, w.getDouble(i) * a.factor[channel(i)]);
        }
        List<Value> operands = new ArrayList<>(List.of(m.value("x"), to.constant(scaled)));
        if (op() instanceof MatMul) {
            Value product = to.add(op(), operands, 1).getFirst();
            return a.shifts() ? to.add(new Add(), product, to.constant(biased(null, 1, a))) : product;
        }
        Op op = op();
        Tensor bias = bias() == null ? null : bias().constant();
        float beta = 1;
        if (op instanceof Gemm g) {
            bias = bias == null ? null : widened(bias);
            op = bias == null ? new Gemm(g.alpha(), 1, g.transA(), g.transB()) : g;
            beta = bias == null ? 1 : g.beta();
        }
        if (bias != null || a.shifts()) {
            operands.add(to.constant(biased(bias, beta, a)));
        }
        return to.add(op, operands, 1).getFirst();
    }

    /** A bias after the function, divided by the factor that the operator applies to it; null stands for zeros. */
    private Tensor biased(Tensor bias, float beta, Affine a) {
        int channels = a.factor.length;
        Tensor b = bias == null
                ? Tensor.allocate(weights().dtype(), channels)
                : Tensor.allocate(bias.dtype(), bias.dims());
        for (long i = 0; i < b.size(); i++) {
            int channel = (int) (i % channels);
            double before = bias == null ? 0 : bias.getDouble(i);
            b.setDouble(i, before * a.factor[channel] + a.shift[channel] / beta);
        }
        return b;
    }
}
