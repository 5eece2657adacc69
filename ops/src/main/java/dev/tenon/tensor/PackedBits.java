package dev.tenon.tensor;

import dev.tenon.error.InvalidTensorException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Elements of 2 or 4 bits packed into bytes as ONNX does: the first in the lowest bits, without gaps, the last byte
 * padded with zeros. Writes to elements of one byte must not run at the same time: each rewrites the whole byte.
 */
public final class PackedBits {
    private PackedBits() {}

    /**
     * The number of bytes of packed elements.
     *
     * @param count the number of elements, at least 0
     * @param bits 2 or 4
     * @return the bytes, rounded up
     */
    public static long byteSize(long count, int bits) {
        int perByte = 8 / bits;
        return count / perByte + (count % perByte == 0 ? 0 : 1);
    }

    /**
     * One element as an unsigned number.
     *
     * @param packed the packed elements
     * @param index the element's index
     * @param bits 2 or 4
     * @return 0 to 2<sup>bits</sup>-1
     * @throws IndexOutOfBoundsException if the index is outside the segment
     */
    public static int getUnsigned(MemorySegment packed, long index, int bits) {
        int value = packed.get(ValueLayout.JAVA_BYTE, byteOf(index, bits));
        return value >> shiftOf(index, bits) & mask(bits);
    }

    /**
     * One element as a two's complement number.
     *
     * @param packed the packed elements
     * @param index the element's index
     * @param bits 2 or 4
     * @return -2<sup>bits-1</sup> to 2<sup>bits-1</sup>-1
     * @throws IndexOutOfBoundsException if the index is outside the segment
     */
    public static int getSigned(MemorySegment packed, long index, int bits) {
        return getUnsigned(packed, index, bits) << (32 - bits) >> (32 - bits);
    }

    /**
     * Writes one element.
     *
     * @param packed the packed elements
     * @param index the element's index
     * @param bits 2 or 4
     * @param value the value; only its low bits count
     * @throws IndexOutOfBoundsException if the index is outside the segment
     */
    public static void set(MemorySegment packed, long index, int bits, int value) {
        long at = byteOf(index, bits);
        int shift = shiftOf(index, bits);
        int kept = packed.get(ValueLayout.JAVA_BYTE, at) & ~(mask(bits) << shift);
        packed.set(ValueLayout.JAVA_BYTE, at, (byte) (kept | (value & mask(bits)) << shift));
    }

    /**
     * Packs elements, each of which is one byte.
     *
     * @param values the elements; only their low bits count
     * @param bits 2 or 4
     * @return the packed bytes
     */
    public static byte[] pack(byte[] values, int bits) {
        byte[] packed = new byte[(int) byteSize(values.length, bits)];
        for (int i = 0; i < values.length; i++) {
            packed[(int) byteOf(i, bits)] |= (byte) ((values[i] & mask(bits)) << shiftOf(i, bits));
        }
        return packed;
    }

    /**
     * Unpacks elements to one a byte.
     *
     * @param packed the packed bytes
     * @param count the number of elements
     * @param bits 2 or 4
     * @param signed whether the elements are two's complement
     * @return the elements
     * @throws InvalidTensorException if there are too few bytes
     */
    public static byte[] unpack(byte[] packed, int count, int bits, boolean signed) {
        if (count < 0 || byteSize(count, bits) > packed.length) {
            throw new InvalidTensorException(
                    "packed elements",
                    count + " of " + bits + " bits in " + packed.length + " bytes",
                    "0 to " + (long) packed.length * (8 / bits),
                    null);
        }
        MemorySegment segment = MemorySegment.ofArray(packed);
        byte[] values = new byte[count];
        for (int i = 0; i < count; i++) {
            values[i] = (byte) (signed ? getSigned(segment, i, bits) : getUnsigned(segment, i, bits));
        }
        return values;
    }

    private static long byteOf(long index, int bits) {
        return bits == 4 ? index >> 1 : index >> 2;
    }

    private static int shiftOf(long index, int bits) {
        return bits == 4 ? (int) (index & 1) << 2 : (int) (index & 3) << 1;
    }

    private static int mask(int bits) {
        return (1 << bits) - 1;
    }
}
