package dev.tenon.op.quant;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.OpSchema;
import dev.tenon.op.geometry.Dims;
import dev.tenon.tensor.Dim;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A form of weights in GGUF files: each block of neighbouring elements of a row has a scale, perhaps a minimum, and an integer
 * of a few bits for each element. The layouts are those of the structures {@code block_q4_0} to {@code block_q6_K} in ggml's
 * {@code ggml-common.h}, and numbers come from them as the functions {@code dequantize_row_*} of {@code ggml-quants.c} make
 * them, bit for bit. All numbers of two bytes are little-endian; {@code d} and {@code m} are float16.
 *
 * <pre>
 * Q4_0    32 elements, 18 bytes: d, 16 bytes of two integers                         d * (q - 8)
 * Q4_1    32 elements, 20 bytes: d, m, 16 bytes                                      d * q + m
 * Q5_0    32 elements, 22 bytes: d, 4 bytes of fifth bits, 16 bytes                  d * (q - 16)
 * Q5_1    32 elements, 24 bytes: d, m, 4 bytes of fifth bits, 16 bytes               d * q + m
 * Q8_0    32 elements, 34 bytes: d, 32 signed bytes                                  d * q
 * Q4_K   256 elements, 144 bytes: d, m, 12 bytes of scales, 128 bytes                (d * scale) * q - m * minimum
 * Q5_K   256 elements, 176 bytes: d, m, 12 bytes of scales, 32 of fifth bits, 128    (d * scale) * q - m * minimum
 * Q6_K   256 elements, 210 bytes: 128 bytes, 64 of upper bits, 16 scales, d          (d * scale) * (q - 32)
 * </pre>
 *
 * <p>In blocks of 32 a byte has the integer of an element of the first half in its lower four bits, and that of the same place of
 * the second half in the upper ones. In blocks of 256 halves of 32 or 64 bytes do the same. {@link QuantizedBlock} takes them apart.
 *
 * <p>A scale of float16 times an integer of up to 8 bits is exact in float32, so each {@link #groupSize group} of elements has
 * one exact scale, and one minimum where the form has any.
 */
public enum BlockFormat {
    /** 4 bits, no minimum. */
    Q4_0(4, 32, 18, 8),
    /** 4 bits and a minimum. */
    Q4_1(4, 32, 20, 0),
    /** 5 bits, no minimum. */
    Q5_0(5, 32, 22, 16),
    /** 5 bits and a minimum. */
    Q5_1(5, 32, 24, 0),
    /** 8 bits, no minimum. */
    Q8_0(8, 32, 34, 128),
    /** 4 bits; 32 elements share a scale and a minimum of 6 bits. */
    Q4_K(4, 256, 144, 0),
    /** 5 bits; 32 elements share a scale and a minimum of 6 bits. */
    Q5_K(5, 256, 176, 0),
    /** 6 bits; 16 elements share a scale of 8 bits. */
    Q6_K(6, 256, 210, 32);

    private static final String NAME = "format";
    private static final int LARGE = 256;
    private static final int GROUP = 32;
    private static final int SMALL_GROUP = 16;
    private static final int HALF = 16;
    private static final int NIBBLE = 15;
    private static final int NIBBLE_BITS = 4;
    /** Four times the lower four bits of a byte, its lowest bit, and its uppermost one. */
    private static final int NIBBLES = 0x0f0f0f0f;

    private static final int ONES = 0x01010101;
    private static final int SIGNS = 0x80808080;

    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final int bits;
    private final int blockSize;
    private final int blockBytes;
    private final int zero;

    BlockFormat(int bits, int blockSize, int blockBytes, int zero) {
        this.bits = bits;
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
        this.zero = zero;
    }

    /**
     * The format of an operator.
     *
     * @param schema the operator
     * @param a its attributes, of which {@code format} is the name
     * @return the format
     * @throws InvalidOperandException if there is none of this name
     */
    static BlockFormat of(OpSchema schema, Attributes a) {
        String name = a.string(NAME, "");
        for (BlockFormat each : values()) {
            if (each.name().equals(name)) {
                return each;
            }
        }
        throw new InvalidOperandException(
                schema.qualifiedName(), "format '" + name + "'", "one of " + Arrays.toString(values()), null);
    }

    /** The attribute that {@link #of} reads. */
    Attributes attribute() {
        return Attributes.none().with(NAME, name());
    }

    /** {@return the bits of an integer: 4, 5, 6 or 8} */
    public int bits() {
        return bits;
    }

    /** {@return the elements of a block: 32 or 256} */
    public int blockSize() {
        return blockSize;
    }

    /** {@return the size of a block, bytes} */
    public int blockBytes() {
        return blockBytes;
    }

    /** {@return the elements of a block that share a scale: 16 or 32} */
    public int groupSize() {
        return this == Q6_K ? SMALL_GROUP : GROUP;
    }

    /** {@return the number that is taken off an unsigned integer; 0 if there are minimums} */
    public int zero() {
        return zero;
    }

    /** {@return whether groups have minimums, which are added} */
    public boolean hasMinimum() {
        return zero == 0;
    }

    /** {@return whether the groups of a block have scales of their own, which are multiplied with that of the block} */
    public boolean hasSubScales() {
        return blockSize == LARGE;
    }

    /**
     * The elements of the rows of an operand, whose last dimension counts their bytes.
     *
     * @param c the operands
     * @param input the index of the operand, of known rank
     * @return the number of elements of a row
     * @throws InvalidOperandException if a row has a part of a block
     */
    Dim elements(InferContext c, int input) {
        Dim bytes = c.shape(input).dim(-1);
        if (bytes.isKnown() && bytes.value() % blockBytes != 0) {
            throw c.error(
                    "input " + input + " has rows of " + bytes.value() + " bytes",
                    "whole blocks of " + this + ", of " + blockBytes + " bytes each",
                    null);
        }
        return Dims.compute(c, () -> bytes.floorDiv(Dim.of(blockBytes)).times(Dim.of(blockSize)));
    }

    /**
     * The size of a row.
     *
     * @param elements its elements, a multiple of the block's
     * @return bytes
     */
    public long rowBytes(long elements) {
        return elements / blockSize * blockBytes;
    }

    /**
     * The elements of a row.
     *
     * @param bytes its size, a multiple of the block's
     * @return elements
     */
    public long elements(long bytes) {
        return bytes / blockBytes * blockSize;
    }

    /** Reads the scales and minimums of a block, whose bytes begin at an offset. */
    void numbers(byte[] bytes, int at, QuantizedBlock block) {
        switch (this) {
            case Q4_0, Q5_0, Q8_0 -> block.set(at, -1);
            case Q4_1, Q5_1 -> block.set(at, at + Short.BYTES);
            case Q4_K, Q5_K -> {
                block.set(at, at + Short.BYTES);
                sixBitScales(bytes, at, block);
            }
            case Q6_K -> {
                block.set(at + 208, -1);
                System.arraycopy(bytes, at + 192, block.subScales, 0, block.subScales.length);
            }
        }
    }

    /**
     * The integers of four neighbouring elements of a block, a byte each, the first one lowest.
     *
     * @param bytes the bytes of the block
     * @param at the offset of the first byte
     * @param i the index of the first element, a multiple of 4
     */
    int four(byte[] bytes, int at, int i) {
        return switch (this) {
            case Q4_0 -> nibbles(bytes, at + 2 + i % HALF, i / HALF);
            case Q4_1 -> nibbles(bytes, at + 4 + i % HALF, i / HALF);
            case Q5_0 -> nibbles(bytes, at + 6 + i % HALF, i / HALF) | fifthBits(word(bytes, at + 2), i);
            case Q5_1 -> nibbles(bytes, at + 8 + i % HALF, i / HALF) | fifthBits(word(bytes, at + 4), i);
            case Q8_0 -> word(bytes, at + 2 + i) ^ SIGNS;
            case Q4_K -> nibbles(bytes, at + 16 + i / (2 * GROUP) * GROUP + i % GROUP, i / GROUP % 2);
            case Q5_K ->
                nibbles(bytes, at + 48 + i / (2 * GROUP) * GROUP + i % GROUP, i / GROUP % 2)
                        | (word(bytes, at + 16 + i % GROUP) >>> i / GROUP & ONES) << NIBBLE_BITS;
            case Q6_K -> sixBits(bytes, at, i / 128, i % 128);
        };
    }

    private static int word(byte[] bytes, int at) {
        return (int) WORD.get(bytes, at);
    }

    /** The lower four bits of four bytes, or the upper ones. */
    private static int nibbles(byte[] bytes, int at, int upper) {
        return word(bytes, at) >>> upper * NIBBLE_BITS & NIBBLES;
    }

    /** The fifth bits of four elements, of which {@code bits} has one for each element of the block. */
    private static int fifthBits(int bits, int i) {
        return Integer.expand(bits >>> i, ONES) << NIBBLE_BITS;
    }

    /** Eight scales and eight minimums of 6 bits in 12 bytes, as {@code get_scale_min_k4} takes them out. */
    private static void sixBitScales(byte[] bytes, int at, QuantizedBlock block) {
        for (int i = 0; i < 4; i++) {
            int scale = bytes[at + 4 + i] & 255;
            int minimum = bytes[at + 8 + i] & 255;
            int both = bytes[at + 12 + i] & 255;
            block.subScales[i] = (byte) (scale & 63);
            block.subMinimums[i] = (byte) (minimum & 63);
            block.subScales[i + 4] = (byte) (both & NIBBLE | scale >> 6 << NIBBLE_BITS);
            block.subMinimums[i + 4] = (byte) (both >> NIBBLE_BITS | minimum >> 6 << NIBBLE_BITS);
        }
    }

    /** Integers of Q6_K: half a block has 64 bytes of their lower four bits, and 32 bytes of their upper two. */
    private static int sixBits(byte[] bytes, int at, int half, int i) {
        int upper = word(bytes, at + 128 + half * GROUP + i % GROUP) >>> i / GROUP * 2 & 3 * ONES;
        return nibbles(bytes, at + half * 64 + i % 64, i / 64) | upper << NIBBLE_BITS;
    }

    /**
     * Makes float32 of neighbouring blocks, with ggml's operations in ggml's order.
     *
     * @param source memory with the blocks
     * @param at the offset of the first one, bytes
     * @param to takes the elements, from its start
     * @param count how many, whole blocks
     */
    public void dequantize(MemorySegment source, long at, float[] to, int count) {
        new QuantizedBlock(this).dequantize(source, at, to, count);
    }
}
