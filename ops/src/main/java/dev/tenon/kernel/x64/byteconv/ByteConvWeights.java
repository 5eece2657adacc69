package dev.tenon.kernel.x64.byteconv;

import dev.tenon.kernel.Layout;
import dev.tenon.kernel.x64.gemm.ByteArithmetic;
import dev.tenon.kernel.x64.gemm.BytePanelLayout;
import dev.tenon.kernel.x64.gemm.BytePanels;
import dev.tenon.kernel.x64.gemm.RequantizedRows;
import dev.tenon.kernel.x64.gemm.WordPanelLayout;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;

/**
 * Weights [m, c / group, kh, kw] of a convolution of bytes, less their zero points, with what its sums need besides: for each
 * output channel a bias, from which the zero point of the input times the sum of the weights is subtracted, and the factor by
 * which a sum becomes a number of the output.
 *
 * <p>Dense weights are panels as {@link BytePanelLayout} or {@link WordPanelLayout} describes them, for each group; a row of a
 * window is padded to a multiple of the terms that are multiplied at once. Biases and factors of all channels follow. Depthwise
 * weights are blocks of channels, as {@link DepthwiseWeights} arranges them.
 */
public final class ByteConvWeights implements Layout {
    private static final int BYTE = 0xFF;

    private final int groups;
    private final int xZero;
    private final boolean signedX;
    private final ByteArithmetic arithmetic;
    private final int[] weightZeros;
    private final int[] bias;
    private final float[] factors;

    /** How depthwise weights are arranged; null for dense ones. */
    private final DepthwiseWeights depthwise;

    private final boolean clips;

    /**
     * A layout.
     *
     * @param groups the number of groups
     * @param xZero the zero point of the input
     * @param signedX whether the input is signed
     * @param arithmetic how bytes are multiplied; {@link #arithmetic(Tensor, int[], ByteArithmetic)} for dense weights
     * @param parameters what its sums need
     * @param depthwise how depthwise weights are arranged, null for dense ones
     */
    public ByteConvWeights(
            int groups,
            int xZero,
            boolean signedX,
            ByteArithmetic arithmetic,
            Parameters parameters,
            DepthwiseWeights depthwise) {
        this.groups = groups;
        this.xZero = xZero;
        this.signedX = signedX;
        this.arithmetic = arithmetic;
        this.weightZeros = parameters.weightZeros();
        this.bias = parameters.bias();
        this.factors = parameters.factors();
        this.depthwise = depthwise;
        this.clips = parameters.mayBeLarge();
    }

    /**
     * The arithmetic that multiplies dense weights.
     *
     * @param w the weights
     * @param zeros the zero points of the output channels
     * @param best the arithmetic of the machine that takes all weights
     * @return the arithmetic
     */
    public static ByteArithmetic arithmetic(Tensor w, int[] zeros, ByteArithmetic best) {
        return best.widens() ? best.forWeights(pairsFit(w, zeros)) : best;
    }

    /** Whether {@link ByteArithmetic#pairsFit} is true for all terms that are neighbours in a row of a window. */
    private static boolean pairsFit(Tensor w, int[] zeros) {
        int width = (int) w.dim(w.rank() - 1);
        int rows = w.rank() == 3 ? 1 : (int) w.dim(2);
        int inputs = (int) w.dim(1);
        int terms = width * inputs;
        for (int c = 0; c < zeros.length; c++) {
            for (int row = 0; row < rows; row++) {
                for (int i = 0; i < terms; i += 2) {
                    long channel = (long) c * inputs;
                    long first = w.getLong(((channel + i % inputs) * rows + row) * width + i / inputs) - zeros[c];
                    int j = i + 1;
                    long second = j == terms
                            ? 0
                            : w.getLong(((channel + j % inputs) * rows + row) * width + j / inputs) - zeros[c];
                    if (!ByteArithmetic.pairsFit((int) first, (int) second)) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    /**
     * How bytes are multiplied.
     *
     * @return the arithmetic
     */
    public ByteArithmetic arithmetic() {
        return arithmetic;
    }

    /**
     * The numbers of output channels that sums of products of bytes need.
     *
     * @param weightZeros the zero points of the output channels
     * @param bias their biases
     * @param factors their factors
     * @param mayBeLarge whether a scaled sum may be larger than {@link RequantizedRows#LARGEST}
     */
    public record Parameters(int[] weightZeros, int[] bias, float[] factors, boolean mayBeLarge) {
        /**
         * The parameters of constant operands.
         *
         * @param op the operands of QLinearConv by their index; the bias may be missing
         * @return the parameters; null if a weight less its zero point is no signed byte
         */
        public static Parameters of(Tensor... op) {
            Tensor w = op[3];
            int channels = (int) w.dim(0);
            int[] zeros = new int[channels];
            int[] bias = new int[channels];
            float[] factors = new float[channels];
            long terms = w.size() / Math.max(1, channels);
            boolean large = false;
            for (int c = 0; c < channels; c++) {
                zeros[c] = (int) op[5].getLong(op[5].size() == 1 ? 0 : c);
                bias[c] = op.length > 8 && op[8] != null ? (int) op[8].getLong(c) : 0;
                factors[c] = op[1].getFloat(0) * op[4].getFloat(op[4].size() == 1 ? 0 : c) / op[6].getFloat(0);
                double most = Math.abs((double) bias[c]);
                for (long i = c * terms; i < (c + 1) * terms; i++) {
                    long centred = w.getLong(i) - zeros[c];
                    if (centred != (byte) centred) {
                        return null;
                    }
                    most += Math.abs(centred) * BYTE;
                }
                large |= !(most * Math.abs(factors[c]) < RequantizedRows.LARGEST);
            }
            return new Parameters(zeros, bias, factors, large);
        }

        /**
         * Whether weights less their zero points are signed bytes.
         *
         * @param w the weights [m, ...]
         * @param zero one zero point for all, or one for each of m channels
         * @return true if all are
         */
        public static boolean areBytes(Tensor w, Tensor zero) {
            boolean centred = w.dtype() == DType.INT8;
            for (long c = 0; c < zero.size() && centred; c++) {
                centred = zero.getLong(c) == 0;
            }
            long terms = w.size() / Math.max(1, w.dim(0));
            for (long i = 0; i < w.size() && !centred; i++) {
                long weight = w.getLong(i) - zero.getLong(zero.size() == 1 ? 0 : i / terms);
                if (weight != (byte) weight) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * Whether scaled sums may be larger than {@link RequantizedRows#LARGEST}.
     *
     * @return true if they are clipped
     */
    public boolean clips() {
        return clips;
    }

    /**
     * Whether they are those of a depthwise convolution.
     *
     * @return false if they are dense
     */
    public boolean isDepthwise() {
        return depthwise != null;
    }

    /** How depthwise weights are arranged; null for dense ones. */
    DepthwiseWeights depthwise() {
        return depthwise;
    }

    /** The form of the weights of a group; a new object at each call. */
    private BytePanels panels() {
        return arithmetic.widens() ? new WordPanelLayout(new int[1], true) : new BytePanelLayout(new int[1], true);
    }

    /** The bytes of a panel: terms are those with padding. */
    long panelBytes(int terms) {
        return panels().sizes(terms, 1).panel();
    }

    /** The bytes of the panels of a group: terms are those with padding. */
    long groupBytes(int terms, int outputChannels) {
        return panels().sizes(terms, outputChannels).sums();
    }

    private static int size(TensorType type, int axis) {
        return type.shape().rank() <= axis
                ? 1
                : Math.toIntExact(type.shape().dim(axis).value());
    }

    @Override
    public String id() {
        return depthwise == null
                ? (arithmetic.widens() ? "word-conv-panels" : "byte-conv-panels")
                : "byte-taps" + depthwise.blockChannels();
    }

    /** The rows of a window: a line has windows of one. */
    private static int height(TensorType type) {
        return type.shape().rank() == 3 ? 1 : size(type, 2);
    }

    private static int width(TensorType type) {
        return type.shape().rank() == 3 ? size(type, 2) : size(type, 3);
    }

    @Override
    public long byteSize(TensorType type) {
        int channels = size(type, 0);
        if (depthwise != null) {
            return depthwise.blocks(channels) * (long) depthwise.blockBytes();
        }
        int terms = height(type) * ByteRows.segmentTerms(arithmetic, width(type), size(type, 1));
        return groups * groupBytes(terms, channels / groups) + 2L * channels * Integer.BYTES;
    }

    @Override
    public void pack(Tensor source, MemorySegment target) {
        int height = height(source.type());
        int width = width(source.type());
        int channels = (int) source.dim(0);
        int inputs = (int) source.dim(1);
        byte[] weights = centred(source, height * width * inputs);
        int[] sums = sums(weights, channels);
        if (depthwise != null) {
            depthwise.pack(weights, sums, factors, target);
            return;
        }
        int segment = ByteRows.segmentTerms(arithmetic, width, inputs);
        int terms = height * segment;
        int own = channels / groups;
        for (int g = 0; g < groups; g++) {
            Tensor matrix = Tensor.allocate(DType.INT8, terms, own);
            for (int m = 0; m < own; m++) {
                int at = (g * own + m) * inputs * height * width;
                for (int c = 0; c < inputs; c++) {
                    for (int t = 0; t < height * width; t++) {
                        int term = t / width * segment + t % width * inputs + c;
                        matrix.setLong((long) term * own + m, weights[at + c * height * width + t]);
                    }
                }
            }
            MemorySegment packed =
                    Arena.ofAuto().allocate(panels().sizes(terms, own).all(), Long.BYTES);
            panels().pack(matrix, packed);
            MemorySegment.copy(packed, 0, target, g * groupBytes(terms, own), groupBytes(terms, own));
        }
        long after = groups * groupBytes(terms, own);
        MemorySegment.copy(sums, 0, target, ValueLayout.JAVA_INT, after, channels);
        MemorySegment.copy(
                factors, 0, target, ValueLayout.JAVA_FLOAT, after + (long) channels * Integer.BYTES, channels);
    }

    private byte[] centred(Tensor source, int terms) {
        byte[] weights = new byte[(int) source.size()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (byte) (source.getLong(i) - weightZeros[i / terms]);
        }
        return weights;
    }

    /** The bias of each channel less the input's zero point times the sum of its weights. */
    private int[] sums(byte[] weights, int channels) {
        int[] sums = bias.clone();
        int terms = weights.length / channels;
        int zero = xZero + arithmetic.added(signedX);
        for (int i = 0; i < weights.length; i++) {
            sums[i / terms] -= zero * weights[i];
        }
        return sums;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof ByteConvWeights w
                && groups == w.groups
                && xZero == w.xZero
                && signedX == w.signedX
                && arithmetic == w.arithmetic
                && clips == w.clips
                && Objects.equals(depthwise, w.depthwise)
                && Arrays.equals(weightZeros, w.weightZeros)
                && Arrays.equals(bias, w.bias)
                && Arrays.equals(factors, w.factors);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Arrays.hashCode(bias) + Arrays.hashCode(factors)) + 2 * xZero + (signedX ? 1 : 0);
    }
}
