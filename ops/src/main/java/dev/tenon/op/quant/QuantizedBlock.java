package dev.tenon.op.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The numbers of one block of a {@link BlockFormat}. An element is {@code scale * (code - zero)}, or {@code scale * code +
 * minimum}; scales and minimums are those of its group. Read many blocks with one of these. Not thread-safe.
 */
public final class QuantizedBlock {
    private static final int FOUR = 4;

    final byte[] subScales;
    final byte[] subMinimums;
    private final byte[] copy;
    private final BlockFormat format;
    private byte[] bytes;
    private int at;
    private float scale;
    private float minimum;

    /**
     * A block without numbers.
     *
     * @param format the format of the blocks that it will take
     */
    public QuantizedBlock(BlockFormat format) {
        this.format = format;
        int groups = format.blockSize() / format.groupSize();
        subScales = new byte[groups];
        subMinimums = new byte[groups];
        copy = new byte[format.blockBytes()];
    }

    /**
     * Reads a block.
     *
     * @param source memory with the block
     * @param offset where it begins, bytes
     */
    public void read(MemorySegment source, long offset) {
        MemorySegment.copy(source, ValueLayout.JAVA_BYTE, offset, copy, 0, copy.length);
        read(copy, 0);
    }

    /**
     * Reads a block.
     *
     * @param source the bytes with the block, which must stay the same as long as its numbers are taken
     * @param offset where it begins
     */
    public void read(byte[] source, int offset) {
        bytes = source;
        at = offset;
        format.numbers(source, offset, this);
    }

    /**
     * Reads neighbouring blocks and makes float32 of them, with ggml's operations in ggml's order.
     *
     * @param source memory with the blocks
     * @param offset the offset of the first one, bytes
     * @param to takes the elements, from its start
     * @param count how many, whole blocks
     */
    public void dequantize(MemorySegment source, long offset, float[] to, int count) {
        long from = offset;
        for (int first = 0; first < count; first += format.blockSize()) {
            read(source, from);
            from += format.blockBytes();
            for (int i = 0; i < format.blockSize(); i += FOUR) {
                int four = codes(i);
                for (int j = 0; j < FOUR; j++) {
                    to[first + i + j] = value(i + j, four >>> j * Byte.SIZE & 255);
                }
            }
        }
    }

    /** Sets scale and minimum from float16 numbers at offsets of the bytes; -1 for no minimum. */
    void set(int scaleAt, int minimumAt) {
        scale = half(scaleAt);
        minimum = minimumAt < 0 ? 0 : format.hasSubScales() ? -half(minimumAt) : half(minimumAt);
    }

    private float half(int offset) {
        return Float.float16ToFloat((short) (bytes[offset] & 255 | bytes[offset + 1] << Byte.SIZE));
    }

    /**
     * The integer of an element.
     *
     * @param i its index
     * @return the integer, unsigned; that of Q8_0 plus 128
     */
    public int code(int i) {
        return codes(i / FOUR * FOUR) >>> i % FOUR * Byte.SIZE & 255;
    }

    /**
     * The integers of four neighbouring elements.
     *
     * @param i the index of the first one, a multiple of 4
     * @return a byte for each, as {@link #code} has it, the first one lowest
     */
    public int codes(int i) {
        return format.four(bytes, at, i);
    }

    /** {@return the scale of the block, a number of float16} */
    public float blockScale() {
        return scale;
    }

    /** {@return the minimum of the block, a number of float16 that is added; 0 if there is none} */
    public float blockMinimum() {
        return minimum;
    }

    /**
     * The factor of the scale of a group.
     *
     * @param group its index
     * @return up to 63, or a signed byte; 1 if groups have no scales of their own
     */
    public int subScale(int group) {
        return format.hasSubScales() ? subScales[group] : 1;
    }

    /**
     * The factor of the minimum of a group.
     *
     * @param group its index
     * @return up to 63; 1 if groups have no minimums of their own
     */
    public int subMinimum(int group) {
        return format.hasSubScales() ? subMinimums[group] : 1;
    }

    /**
     * An element.
     *
     * @param i its index
     * @return the number, as ggml computes it
     */
    public float value(int i) {
        return value(i, code(i));
    }

    private float value(int i, int code) {
        int group = i / format.groupSize();
        float product = scale * subScale(group) * (code - format.zero());
        return format.hasMinimum() ? product + minimum * subMinimum(group) : product;
    }
}
