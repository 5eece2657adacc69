package dev.tenon.formats.protobuf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** A heap buffer that grows. */
final class GrowableBytes {
    private static final int LARGEST = Integer.MAX_VALUE - 16;

    private byte[] array;
    private int size;

    GrowableBytes(long capacity) {
        if (capacity > LARGEST) {
            throw new OutOfMemoryError(capacity + " bytes do not fit an array");
        }
        array = new byte[(int) capacity];
    }

    int size() {
        return size;
    }

    void add(MemorySegment bytes) {
        int length = reserve(bytes.byteSize());
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, 0, array, size, length);
        size += length;
    }

    void varint(long value) {
        reserve(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            array[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        array[size++] = (byte) rest;
    }

    void fixed32(int value) {
        reserve(Integer.BYTES);
        for (int shift = 0; shift < Integer.SIZE; shift += 8) {
            array[size++] = (byte) (value >>> shift);
        }
    }

    void fixed64(long value) {
        reserve(Long.BYTES);
        for (int shift = 0; shift < Long.SIZE; shift += 8) {
            array[size++] = (byte) (value >>> shift);
        }
    }

    /** A view of the bytes that were added so far, without later ones. */
    MemorySegment view() {
        return MemorySegment.ofArray(array).asSlice(0, size);
    }

    private int reserve(long more) {
        long needed = size + more;
        if (needed > LARGEST) {
            throw new OutOfMemoryError(needed + " bytes do not fit an array");
        }
        if (needed > array.length) {
            array = Arrays.copyOf(array, (int) Math.min(LARGEST, Math.max(needed, 2L * array.length)));
        }
        return (int) more;
    }
}
