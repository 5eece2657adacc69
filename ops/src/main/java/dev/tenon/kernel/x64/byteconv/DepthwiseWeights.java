package dev.tenon.kernel.x64.byteconv;

import dev.tenon.kernel.x64.gemm.ByteArithmetic;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * How the weights of a depthwise convolution are arranged. With dot products, code loads four pixels, for as many channels as a
 * vector has bytes, and interleaves them: four vectors, in which each channel has four bytes together. So the weights of a
 * channel are groups of four taps: of a column of the window, or of a row. Without dot products, code widens the bytes of two
 * pixels to 16 bits, and interleaves these: two vectors, in which each channel has two numbers together. The weights of a
 * channel are then groups of two taps in the order of the window, int16 each.
 *
 * <p>Interleaving works in parts of 128 bits, so the vectors of a block hold its channels in the order that {@link #channel}
 * gives. A block of channels has its weights, group by group; then its biases and its factors.
 *
 * @param height the rows of a window
 * @param width its columns
 * @param form which taps are a group
 * @param bits the width of vectors, 256 or 512
 */
public record DepthwiseWeights(int height, int width, Form form, int bits) {
    /** The largest window, rows or columns. */
    public static final int MAX_KERNEL = 7;

    /** Which taps are multiplied together. */
    public enum Form {
        /** Four of a column. */
        COLUMNS,
        /** Four of a row. */
        ROWS,
        /** Two in the order of the window, widened to 16 bits. */
        WORDS
    }

    static final int TAPS = 4;

    /** The taps of a group of {@link Form#WORDS}. */
    static final int PAIR = 2;

    /** The most columns whose weights fit into registers, if a group has a column. */
    private static final int MAX_COLUMNS = 3;

    private static final int LANE_BYTES = 16;

    /**
     * The arrangement of a convolution.
     *
     * @param height the rows of a window
     * @param width its columns
     * @param arithmetic how the machine multiplies bytes
     * @return the arrangement
     */
    public static DepthwiseWeights of(int height, int width, ByteArithmetic arithmetic) {
        if (arithmetic.widens()) {
            return new DepthwiseWeights(height, width, Form.WORDS, ByteArithmetic.WORDS_256.bits());
        }
        boolean columns = arithmetic.bits() == 512 && height <= TAPS && width <= MAX_COLUMNS;
        return new DepthwiseWeights(height, width, columns ? Form.COLUMNS : Form.ROWS, arithmetic.bits());
    }

    boolean widens() {
        return form == Form.WORDS;
    }

    boolean columns() {
        return form == Form.COLUMNS;
    }

    /** The part of the name of a function or kernel that stands for the instruction set. */
    String suffix() {
        return (widens() ? ByteArithmetic.WORDS_256 : bits == 512 ? ByteArithmetic.DOTS_512 : ByteArithmetic.DOTS_256)
                .suffix();
    }

    /** The vectors of sums of a block of channels. */
    int vectors() {
        return widens() ? PAIR : TAPS;
    }

    /** The channels of a block. */
    int blockChannels() {
        return vectors() * bits / Integer.SIZE;
    }

    int blocks(int channels) {
        return Math.ceilDiv(channels, blockChannels());
    }

    /** The groups of a row of the window, or the columns, or all groups. */
    int groups() {
        return switch (form) {
            case COLUMNS -> width;
            case ROWS -> Math.ceilDiv(width, TAPS);
            case WORDS -> Math.ceilDiv(height * width, PAIR);
        };
    }

    private int vectorBytes() {
        return bits / Byte.SIZE;
    }

    /**
     * The offset of weights in a block: of a row, one of its groups, and one of its vectors. Only groups of a row have
     * others than row 0.
     */
    int weightOffset(int row, int group, int vector) {
        return ((row * groups() + group) * vectors() + vector) * vectorBytes();
    }

    int biasOffset(int vector) {
        return weightOffset(form == Form.ROWS ? height : 1, 0, vector);
    }

    int factorOffset(int vector) {
        return biasOffset(vectors()) + vector * vectorBytes();
    }

    int blockBytes() {
        return biasOffset(2 * vectors());
    }

    /** The channel of an element of one of the vectors of a block. */
    private int channel(int vector, int element) {
        int elements = LANE_BYTES / Integer.BYTES;
        return element / elements * vectors() * elements + vector * elements + element % elements;
    }

    void pack(byte[] weights, int[] bias, float[] factors, MemorySegment target) {
        target.fill((byte) 0);
        for (int block = 0; block < blocks(bias.length); block++) {
            for (int vector = 0; vector < vectors(); vector++) {
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
                byte weight = weights[(channel * height + row) * width + tap];
                int index = row * width + tap;
                switch (form) {
                    case COLUMNS -> target.set(ValueLayout.JAVA_BYTE, at + weightOffset(0, tap, vector) + row, weight);
                    case ROWS ->
                        target.set(
                                ValueLayout.JAVA_BYTE, at + weightOffset(row, tap / TAPS, vector) + tap % TAPS, weight);
                    case WORDS ->
                        target.set(
                                ValueLayout.JAVA_SHORT,
                                at + weightOffset(0, index / PAIR, vector) + (long) index % PAIR * Short.BYTES,
                                weight);
                }
            }
        }
    }
}
