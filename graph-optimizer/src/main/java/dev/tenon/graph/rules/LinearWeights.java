package dev.tenon.graph.rules;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.op.Op;
import dev.tenon.op.math.Add;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongToDoubleFunction;
import java.util.stream.LongStream;

/**
 * The constant weights of a linear operator, seen by channels of its output.
 *
 * @param node a node of Conv, ConvTranspose, Gemm or MatMul
 */
record LinearWeights(Node node) {
    /**
     * What is to be done to each channel: times a factor, plus a shift.
     *
     * @param factor the factors
     * @param shift the shifts, as many
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

    static LinearWeights of(Match m) {
        return new LinearWeights(m.node("linear"));
    }

    private Op op() {
        return node.op();
    }

    private Tensor weights() {
        return node.input(1).constant();
    }

    private Value bias() {
        boolean ignored = op() instanceof Gemm g && g.beta() == 0;
        return op() instanceof MatMul || ignored ? null : node.input(2);
    }

    /** The number of channels, or -1 if the weights are of another rank than expected. */
    long channels() {
        Tensor w = weights();
        return switch (op()) {
            case Conv c -> w.rank() < 3 ? -1 : w.dim(0);
            case ConvTranspose c -> w.rank() < 3 ? -1 : w.dim(1) * c.group();
            case Gemm g -> w.rank() != 2 ? -1 : w.dim(g.transB() ? 0 : 1);
            default -> w.rank() != 2 ? -1 : w.dim(1);
        };
    }

    private int rank() {
        return op() instanceof MatMul ? Shapes.rank(node.output()) : weights().rank();
    }

    /** The axis of the channels in the output. */
    int axis() {
        return op() instanceof MatMul || op() instanceof Gemm ? rank() - 1 : 1;
    }

    /** A constant operand of an element-wise operator as one number for each channel; null if it is not that. */
    double[] perChannel(Tensor c) {
        long channels = channels();
        int rank = rank();
        if (channels < 0 || rank < 0 || c.rank() > rank || channels > Integer.MAX_VALUE) {
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

    /** Why the weights can't take something over, or null. */
    static String reasonAgainst(Match m, Affine a) {
        LinearWeights linear = of(m);
        if (a == null) {
            return "the constant is not one number for each channel";
        }
        if (linear.channels() == 0 || linear.weights().size() == 0) {
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
        if (bias != null && linear.op() instanceof Gemm && linear.widened(bias.constant()) == null) {
            return "the addend of the Gemm differs by rows alone";
        }
        return linear.overflows(a) ? "a weight would be out of range" : null;
    }

    /** Whether a weight or bias that is finite would not be. */
    private boolean overflows(Affine a) {
        double most = Arrays.stream(a.factor).map(Math::abs).max().orElse(0);
        if (overflows(weights(), most, i -> a.factor[channel(i)])) {
            return true;
        }
        Tensor bias = bias() == null ? null : bias().constant();
        float beta = op() instanceof Gemm g && bias != null ? g.beta() : 1;
        if (bias != null && op() instanceof Gemm) {
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

    /**
     * Whether an element that is finite would not be in its type, once it is multiplied.
     *
     * @param w the elements
     * @param most the largest absolute value of the factors
     * @param factor the factor of each element
     */
    static boolean overflows(Tensor w, double most, LongToDoubleFunction factor) {
        double largest = most > 1 ? largest(w) : 0;
        Tensor one = Tensor.allocate(w.dtype(), 1);
        one.setDouble(0, largest * most);
        if (Double.isFinite(one.getDouble(0))) {
            return false;
        }
        for (long i = 0; i < w.size(); i++) {
            one.setDouble(0, w.getDouble(i) * factor.applyAsDouble(i));
            if (Double.isFinite(w.getDouble(i)) && !Double.isFinite(one.getDouble(0))) {
                return true;
            }
        }
        return false;
    }

    /** The largest absolute value of those that are finite. */
    private static double largest(Tensor w) {
        if (w.dtype() != DType.FLOAT32) {
            return LongStream.range(0, w.size())
                    .mapToDouble(i -> Math.abs(w.getDouble(i)))
                    .filter(Double::isFinite)
                    .max()
                    .orElse(0);
        }
        MemorySegment segment = w.segment();
        float largest = 0;
        for (long i = 0; i < w.size(); i++) {
            float v = Math.abs(segment.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i));
            largest = v <= Float.MAX_VALUE ? Math.max(largest, v) : largest;
        }
        return largest;
    }

    /** The addend of a Gemm with the columns written out, or null if it has rows but no columns. */
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

    /** The operator with weights that do what came behind it. */
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
