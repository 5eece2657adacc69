package dev.tenon.kernel.x64.conv;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * How the weights of a depthwise convolution are arranged for {@link DepthwiseEmitter}. Code loads four neighbouring pixels of
 * a row, for as many channels as a vector has bytes, and interleaves them: four vectors, in which each channel has four bytes
 * together. So the weights of a channel are groups of four taps of a row. If two neighbouring windows are computed at once,
 * the second one has its taps a pixel later in the same groups.
 *
 * <p>Interleaving works in parts of 128 bits, so the four vectors of a block hold its channels in the order that {@link
 * #channel} gives. A block has the weights of the first window, row by row and group by group; then those of the second window;
 * then biases and factors.
 *
 * @param height the rows of a window
 * @param width its columns
 * @param windows the windows that are computed at once, 1 or 2
 * @param bits the width of vectors, 256 or 512
 */
public record DepthwiseWeights(int height, int width, int windows, int bits) {
    /** The largest window, rows or columns. */
    public static final int MAX_KERNEL = 7;

    /** The widest window of which two are computed at once. */
    private static final int MAX_PAIR = 3;

    static final int VECTORS = 4;
    static final int TAPS = 4;
    private static final int LANE = 16;

    /**
     * The arrangement of a convolution.
     *
     * @param height the rows of a window
     * @param width its columns
     * @param neighbours whether neighbouring windows are one pixel apart, and their taps too
     * @param bits the width of vectors
     * @return the arrangement
     */
    public static DepthwiseWeights of(int height, int width, boolean neighbours, int bits) {
        return new DepthwiseWeights(height, width, neighbours && width <= MAX_PAIR && bits == 512 ? 2 : 1, bits);
    }

    /** The channels of a block. */
    int blockChannels() {
        return bits / Byte.SIZE;
    }

    int blocks(int channels) {
        return Math.ceilDiv(channels, blockChannels());
    }

    /** The groups of four pixels in a row that the windows that are computed at once read. */
    int groups() {
        return Math.ceilDiv(width + windows - 1, TAPS);
    }

    private int vectorBytes() {
        return bits / Byte.SIZE;
    }

    /** The offset of weights in a block: a window, a row, a group and one of four vectors. */
    int weightOffset(int window, int row, int group, int vector) {
        return (((window * height + row) * groups() + group) * VECTORS + vector) * vectorBytes();
    }

    int biasOffset(int vector) {
        return weightOffset(windows, 0, 0, vector);
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
        for (int window = 0; window < windows; window++) {
            for (int row = 0; row < height; row++) {
                for (int tap = 0; tap < width; tap++) {
                    int pixel = tap + window;
                    long to = at + weightOffset(window, row, pixel / TAPS, vector) + pixel % TAPS;
                    target.set(ValueLayout.JAVA_BYTE, to, weights[(channel * height + row) * width + tap]);
                }
            }
        }
    }
}
