package dev.tenon.kernel.x64.byteconv;

import dev.tenon.kernel.Layout;
import dev.tenon.kernel.x64.gemm.ByteArithmetic;
import dev.tenon.kernel.x64.gemm.BytePanelLayout;
import dev.tenon.kernel.x64.gemm.BytePanels;
import dev.tenon.kernel.x64.gemm.WordPanelLayout;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Weights [m, c / group, kh, kw] of a convolution of bytes whose sums stay integers or become floats. Weights less their zero
 * points are packed where all of them are signed bytes. Else unsigned ones are packed less 128, and so are their zero points: the
 * rest of a zero point times the sum of a window is subtracted from each sum.
 *
 * <p>The panels of each group, as {@link BytePanelLayout} or {@link WordPanelLayout} describes them, follow each other; a row of a
 * window is padded to a multiple of the terms that are multiplied at once. If there are zero points, a panel follows whose first
 * column is -1 for each channel of a pixel, by which sums of pixels are computed.
 */
public final class IntegerConvWeights implements Layout {
    private static final int SIGN = 128;

    private final int groups;
    private final ByteArithmetic arithmetic;

    /** The number that is subtracted from the weights of each output channel; {@link #zeros} are the rests of their zero points. */
    private final int[] subtracted;

    private final int[] zeros;

    private IntegerConvWeights(int groups, ByteArithmetic arithmetic, int[] subtracted, int[] zeros) {
        this.groups = groups;
        this.arithmetic = arithmetic;
        this.subtracted = subtracted;
        this.zeros = zeros;
    }

    /**
     * The layout of some weights.
     *
     * @param groups the number of groups
     * @param w the weights
     * @param zero their zero points, one or one for each output channel, or null
     * @param best the arithmetic of the machine that takes all weights
     * @return the layout
     */
    public static IntegerConvWeights of(int groups, Tensor w, Tensor zero, ByteArithmetic best) {
        int[] zeros = new int[(int) w.dim(0)];
        for (int c = 0; c < zeros.length && zero != null; c++) {
            zeros[c] = (int) zero.getLong(zero.size() == 1 ? 0 : c);
        }
        int[] subtracted = zeros.clone();
        Tensor all = zero == null ? Tensor.allocate(w.dtype()) : zero;
        if (!ByteConvWeights.Parameters.areBytes(w, all)) {
            Arrays.fill(subtracted, w.dtype() == DType.INT8 ? 0 : SIGN);
        }
        for (int c = 0; c < zeros.length; c++) {
            zeros[c] -= subtracted[c];
        }
        return new IntegerConvWeights(groups, ByteConvWeights.arithmetic(w, subtracted, best), subtracted, zeros);
    }

    /**
     * How bytes are multiplied.
     *
     * @return the arithmetic
     */
    public ByteArithmetic arithmetic() {
        return arithmetic;
    }

    /** Whether something is left of zero points, so that results depend on the sums of windows. */
    boolean hasZeros() {
        return Arrays.stream(zeros).anyMatch(zero -> zero != 0);
    }

    private BytePanels panels(int[] zeroPoints) {
        return arithmetic.widens() ? new WordPanelLayout(zeroPoints, true) : new BytePanelLayout(zeroPoints, true);
    }

    /** The sizes of the packed weights of a group, of which terms are those with padding. */
    BytePanels.Sizes sizes(int terms, int outputChannels) {
        return panels(zeros).sizes(terms, outputChannels);
    }

    /** The sizes of the panel by which pixels of some channels are summed. */
    BytePanels.Sizes pixelSizes(int inputChannels) {
        return panels(zeros).sizes(inputChannels, 1);
    }

    /** The size of packed weights, bytes. */
    long byteSize(int terms, int inputChannels, int outputChannels) {
        long all = groups * sizes(terms, outputChannels).all();
        return hasZeros() ? all + pixelSizes(inputChannels).all() : all;
    }

    private static int size(TensorType type, int axis) {
        return Math.toIntExact(type.shape().dim(axis).value());
    }

    private static int height(TensorType type) {
        return type.shape().rank() == 3 ? 1 : size(type, 2);
    }

    private int terms(TensorType type) {
        return height(type) * ByteRows.segmentTerms(arithmetic, size(type, -1), size(type, 1));
    }

    @Override
    public String id() {
        return arithmetic.widens() ? "word-conv-sums" : "byte-conv-sums";
    }

    @Override
    public long byteSize(TensorType type) {
        return byteSize(terms(type), size(type, 1), size(type, 0) / groups);
    }

    @Override
    public void pack(Tensor source, MemorySegment target) {
        int inputs = size(source.type(), 1);
        int own = size(source.type(), 0) / groups;
        int terms = terms(source.type());
        long groupBytes = sizes(terms, own).all();
        MemorySegment packed = Arena.ofAuto().allocate(groupBytes, Long.BYTES);
        for (int g = 0; g < groups; g++) {
            int[] ownZeros = Arrays.copyOfRange(zeros, g * own, (g + 1) * own);
            panels(ownZeros).pack(matrix(source, g * own, own, terms), packed);
            MemorySegment.copy(packed, 0, target, g * groupBytes, groupBytes);
        }
        if (hasZeros()) {
            Tensor ones = Tensor.allocate(DType.INT8, inputs, 1);
            for (int c = 0; c < inputs; c++) {
                ones.setLong(c, -1);
            }
            long bytes = pixelSizes(inputs).all();
            MemorySegment sums = Arena.ofAuto().allocate(bytes, Long.BYTES);
            panels(new int[1]).pack(ones, sums);
            MemorySegment.copy(sums, 0, target, groups * groupBytes, bytes);
        }
    }

    /** The weights of some output channels as a matrix [terms, channels] of signed bytes, with padding. */
    private Tensor matrix(Tensor source, int first, int own, int terms) {
        int inputs = size(source.type(), 1);
        int width = size(source.type(), -1);
        int taps = height(source.type()) * width;
        int segment = ByteRows.segmentTerms(arithmetic, width, inputs);
        byte[] values = new byte[inputs * taps];
        byte[] matrix = new byte[terms * own];
        for (int m = 0; m < own; m++) {
            long at = (long) (first + m) * values.length;
            MemorySegment.copy(source.segment(), ValueLayout.JAVA_BYTE, at, values, 0, values.length);
            for (int c = 0; c < inputs; c++) {
                for (int t = 0; t < taps; t++) {
                    int term = t / width * segment + t % width * inputs + c;
                    matrix[term * own + m] = (byte) (values[c * taps + t] - subtracted[first + m]);
                }
            }
        }
        Tensor result = Tensor.allocate(DType.INT8, terms, own);
        MemorySegment.copy(matrix, 0, result.segment(), ValueLayout.JAVA_BYTE, 0, matrix.length);
        return result;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof IntegerConvWeights w
                && groups == w.groups
                && arithmetic == w.arithmetic
                && Arrays.equals(subtracted, w.subtracted)
                && Arrays.equals(zeros, w.zeros);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Arrays.hashCode(subtracted) + Arrays.hashCode(zeros)) + groups;
    }
}
