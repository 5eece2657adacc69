package dev.tenon.graph.rules.quant;

import static dev.tenon.graph.rules.quant.IntegerWeights.at;

import dev.tenon.graph.Node;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;

/**
 * How a quantised product or convolution is computed in float32, channel by channel, so that every result keeps its bits.
 *
 * <p>A sum of products and a bias is exact if it is below 2<sup>24</sup>. A larger one comes from a bias that saturates, or that
 * is so large that int32 wraps around. The result is then often a step: one byte for sums of products below a threshold, and
 * another one from there on. A step is a sum with another bias, a large factor and two bounds, which are exact in float32.
 */
final class FloatSums {
    /** The inputs of QLinearConv and QLinearMatMul. */
    private static final int WEIGHTS = 3;

    private static final int OUTPUT = 6;
    private static final int BIAS = 8;

    /** A factor that turns a half into more steps than bytes have. */
    private static final float STEEP = 1024;

    /** Sums of products with a half as bias are exact below this. */
    private static final double EXACT_HALVES = IntegerWeights.EXACT / 4;

    /** The treatment of the sums of a channel. */
    private enum Kind {
        /** A float32 holds them. */
        EXACT,
        /** The result is one of two bytes. */
        STEP,
        /** A float32 holds the products alone. The bias is added to integers. */
        EXACT_PRODUCTS,
        /** A float32 does not hold the products. */
        INEXACT
    }

    /**
     * A channel.
     *
     * @param kind what becomes of its sums
     * @param most the largest absolute value of a sum of products
     * @param threshold of a step, the least sum of products whose result is {@code above}
     * @param below of a step, the result for sums below the threshold
     * @param above of a step, the result for other sums
     */
    private record Channel(Kind kind, double most, long threshold, long below, long above) {
        /** Whether the result of a step is always the same. */
        private boolean isConstant() {
            return below == above;
        }
    }

    private final Node node;
    private final DType type;
    private final long zero;
    private final Channel[] channels;
    private boolean addsIntegers;

    private FloatSums(Node node, int channels) {
        this.node = node;
        type = node.output().tensorType().dtype();
        zero = (long) at(node.input(OUTPUT + 1), 0);
        this.channels = new Channel[channels];
    }

    /**
     * The sums of a node whose parameters are constants.
     *
     * @param node QLinearConv or QLinearMatMul
     * @param axis the axis of the channels in the weights
     * @return the sums
     */
    static FloatSums of(Node node, int axis) {
        Tensor w = node.input(WEIGHTS).constant();
        DType x = node.input(0).tensorType().dtype();
        double xZero = at(node.input(2), 0);
        IntegerWeights weights = IntegerWeights.of(w, axis, node.input(WEIGHTS + 2));
        FloatSums sums = new FloatSums(node, (int) w.dim(axis));
        for (int c = 0; c < sums.channels.length; c++) {
            double least = weights.least(c, x.minInteger() - xZero, x.maxInteger() - xZero);
            double greatest = weights.greatest(c, x.minInteger() - xZero, x.maxInteger() - xZero);
            sums.channels[c] = sums.channel(c, least, greatest);
            sums.addsIntegers |= sums.channels[c].kind == Kind.EXACT_PRODUCTS;
        }
        return sums;
    }

    private Channel channel(int c, double least, double greatest) {
        double most = Math.max(greatest, -least);
        long bias = (long) at(node.input(BIAS), c);
        if (Math.abs(bias) + most < IntegerWeights.EXACT) {
            return new Channel(Kind.EXACT, most, 0, 0, 0);
        }
        Kind other = most < IntegerWeights.EXACT ? Kind.EXACT_PRODUCTS : Kind.INEXACT;
        if (most > Integer.MAX_VALUE || !Float.isFinite(factor(c))) {
            return new Channel(other, most, 0, 0, 0);
        }
        boolean under = bias + least < Integer.MIN_VALUE;
        boolean over = bias + greatest > Integer.MAX_VALUE;
        long first = (long) least;
        long last = (long) greatest;
        // Sums below the threshold do not wrap as those from there on. If all wrap alike, it is the least of them.
        long threshold = under ? Integer.MIN_VALUE - bias : over ? Integer.MAX_VALUE + 1L - bias : first;
        long below = result(c, bias + first);
        long above = result(c, bias + last);
        boolean isStep = below == result(c, bias + Math.max(first, threshold - 1))
                && above == result(c, bias + threshold)
                && (below == above || most < EXACT_HALVES);
        return new Channel(isStep ? Kind.STEP : other, most, threshold, below, above);
    }

    /** The byte for a sum with its bias, as the operators define it. It does not fall while a sum grows that does not wrap. */
    private long result(int channel, long sum) {
        double value = Math.rint((int) sum * factor(channel)) + zero;
        return value >= type.minInteger() ? (long) Math.min(value, (double) type.maxInteger()) : type.minInteger();
    }

    /** The factor that turns a sum of a channel into steps of the result. */
    private float factor(long channel) {
        float x = (float) at(node.input(1), 0);
        float y = (float) at(node.input(OUTPUT), 0);
        return x * (float) at(node.input(WEIGHTS + 1), channel) / y;
    }

    /** {@return why a result may not keep its bits, or null} */
    String reason() {
        return Arrays.stream(channels)
                .filter(c -> c.kind == Kind.INEXACT)
                .findFirst()
                .map(c -> "a sum may be " + (long) c.most + ", which float32 does not hold exactly")
                .orElse(null);
    }

    /** {@return whether the biases are added to integers} */
    boolean addsIntegers() {
        return addsIntegers;
    }

    /** Whether a channel becomes a step. A bias of integers can't be that of a step between two results. */
    private boolean isStep(Channel c) {
        return c.kind == Kind.STEP && (c.isConstant() || !addsIntegers);
    }

    /** 1, or -1 if the result of a step falls, or 0 if it is constant. */
    private static int direction(Channel c) {
        return Long.signum(c.above - c.below);
    }

    /**
     * The weights as float32, less their zero points.
     *
     * @param axis the axis of the channels
     * @return the weights; those of a step that falls are negative, those of a constant result are 0
     */
    Tensor weights(int axis) {
        Tensor w = IntegerWeights.centred(node.input(WEIGHTS).constant(), axis, node.input(WEIGHTS + 2));
        for (long i = 0; i < w.size(); i++) {
            Channel c = channels[(int) IntegerWeights.channel(w, axis, i)];
            if (isStep(c)) {
                w.setDouble(i, w.getDouble(i) * direction(c) + 0.0);
            }
        }
        return w;
    }

    /** {@return the biases, int32 if they are added to integers, else float32; null if the node has none, since all are 0 then} */
    Tensor bias() {
        if (node.input(BIAS) == null) {
            return null;
        }
        Tensor bias = Tensor.allocate(addsIntegers ? DType.INT32 : DType.FLOAT32, channels.length);
        for (int i = 0; i < channels.length; i++) {
            Channel c = channels[i];
            double step = c.isConstant() ? c.above - zero : direction(c) * (0.5 - c.threshold);
            double number = isStep(c) ? step : at(node.input(BIAS), i);
            bias.setDouble(i, number + 0.0);
        }
        return bias;
    }

    /**
     * The factors of the sums.
     *
     * @param axesAfter the number of axes after that of the channels
     * @return one number, or one for each channel
     */
    Tensor factors(int axesAfter) {
        boolean many = node.input(WEIGHTS + 1).constant().size() > 1
                || Arrays.stream(channels).anyMatch(this::isStep);
        Tensor factors = row(channels.length, many, axesAfter);
        for (int i = 0; i < factors.size(); i++) {
            float step = channels[i].isConstant() ? 1 : STEEP;
            factors.setDouble(i, isStep(channels[i]) ? step : factor(i));
        }
        return factors;
    }

    private static Tensor row(int size, boolean many, int axesAfter) {
        long[] dims = new long[many ? 1 + axesAfter : 0];
        Arrays.fill(dims, 1);
        if (many) {
            dims[0] = size;
        }
        return Tensor.allocate(DType.FLOAT32, dims);
    }

    /**
     * The bounds of scaled sums, before the zero point is added.
     *
     * @param upper whether they are upper bounds
     * @param axesAfter the number of axes after that of the channels
     * @return one for each channel; null if the range of the bytes bounds all channels
     */
    Tensor bounds(boolean upper, int axesAfter) {
        long end = upper ? type.maxInteger() : type.minInteger();
        boolean any = false;
        Tensor bounds = row(channels.length, true, axesAfter);
        for (int i = 0; i < channels.length; i++) {
            Channel c = channels[i];
            boolean bounded = isStep(c) && !c.isConstant();
            long bound = !bounded ? end : upper ? Math.max(c.below, c.above) : Math.min(c.below, c.above);
            bounds.setDouble(i, bound - zero);
            any |= bound != end;
        }
        return any ? bounds : null;
    }
}
