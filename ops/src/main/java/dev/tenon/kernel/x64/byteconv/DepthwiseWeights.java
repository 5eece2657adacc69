package dev.tenon.kernel.x64.byteconv;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * How the weights of a depthwise convolution are arranged. Code loads four pixels, for as many channels as a vector has bytes,
 * and interleaves them: four vectors, in which each channel has four bytes together. So the weights of a channel are groups of
 * four taps: of a column of the window, or of a row.
 *
 * <p>Interleaving works in parts of 128 bits, so the four vectors of a block hold its channels in the order that {@link
 * #channel} gives. A block of channels has its weights, group by group; then its biases and its factors.
 *
 * @param height the rows of a window
 * @param width its columns
 * @param columns whether a group has taps of a column, else of a row
 * @param bits the width of vectors, 256 or 512
 */
public record DepthwiseWeights(int height, int width, boolean columns, int bits) {
    /** The largest window, rows or columns. */
    public static final int MAX_KERNEL = 7;

    static final int VECTORS = 4;
    static final int TAPS = 4;

    /** The most columns whose weights fit into registers, if a group has a column. */
    private static final int MAX_COLUMNS = 3;

    private static final int LANE = 16;

    /**
     * The arrangement of a convolution.
     *
     * @param height the rows of a window
     * @param width its columns
     * @param bits the width of vectors
     * @return the arrangement
     */
    public static DepthwiseWeights of(int height, int width, int bits) {
        boolean columns = bits == 512 && height <= TAPS && width <= MAX_COLUMNS;
        return new DepthwiseWeights(height, width, columns, bits);
    }

    /** The channels of a block. */
    int blockChannels() {
        return bits / Byte.SIZE;
    }

    int blocks(int channels) {
        return Math.ceilDiv(channels, blockChannels());
    }

    /** The groups of a row of the window, or the columns. */
    int groups() {
        return columns ? width : Math.ceilDiv(width, TAPS);
    }

    private int vectorBytes() {
        return bits / Byte.SIZE;
    }

    /** The offset of weights in a block: of a row, one of its groups, and one of four vectors. A column has row 0. */
    int weightOffset(int row, int group, int vector) {
        return ((row * groups() + group) * VECTORS + vector) * vectorBytes();
    }

    int biasOffset(int vector) {
        return weightOffset(columns ? 1 : height, 0, vector);
    }

    int factorOffset(int vector) {
        return biasOffset(VECTORS) + vector * vectorBytes();
    }

    int blockBytes() {
        return biasOffset(2 * VECTORS);
    }

    /** The channel of an element of one of the four vectors of a block. */
    private static int channel(int vector, int element) {
        return element / TAPS * LANE + vector * TAPS + element % TAPS;
    }

    void pack(byte[] weights, int[] bias, float[] factors, MemorySegment target) {
        target.fill((byte) 0);
        for (int block = 0; block < blocks(bias.length); block++) {
            for (int vector = 0; vector < VECTORS; vector++) {
                for (int e = 0; e < bits / Integer.SIZE; e++) {
                    int c = block * blockChannels() + channel(vector, e);
                    if (c < bias.length) {
                        long at = (long) block * blockBytes() + (long) e * Integer.BYTES;
                        target.set(ValueLayout.JAVA_INT, at + biasOffset(vector), bias[c]);
                        target.set(ValueLayout.JAVA_FLOAT, at + factorOffset(vector), factors[c]);
                        packTaps(weights, c, vector, target, at);
                    }
                }
            }
        }
    }

    private void packTaps(byte[] weights, int channel, int vector, MemorySegment target, long at) {
        for (int row = 0; row < height; row++) {
            for (int tap = 0; tap < width; tap++) {
                long offset = columns
                        ? weightOffset(0, tap, vector) + row
                        : weightOffset(row, tap / TAPS, vector) + tap % TAPS;
                target.set(ValueLayout.JAVA_BYTE, at + offset, weights[(channel * height + row) * width + tap]);
            }
        }
    }
}
