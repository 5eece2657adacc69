package dev.tenon.asm;

import java.util.Arrays;

/** Bytes of code that grow. Not thread-safe. */
final class CodeBuffer {
    private static final int START = 1024;

    private static final int[][] NO_OPERATIONS = {
        {0x90},
        {0x66, 0x90},
        {0x0F, 0x1F, 0x00},
        {0x0F, 0x1F, 0x40, 0x00},
        {0x0F, 0x1F, 0x44, 0x00, 0x00},
        {0x66, 0x0F, 0x1F, 0x44, 0x00, 0x00},
        {0x0F, 0x1F, 0x80, 0x00, 0x00, 0x00, 0x00},
        {0x0F, 0x1F, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00}
    };

    private byte[] bytes = new byte[START];
    private int size;

    int size() {
        return size;
    }

    void put(int value) {
        if (size == bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * size);
        }
        bytes[size++] = (byte) value;
    }

    void putAll(int... values) {
        for (int value : values) {
            put(value);
        }
    }

    void putInt(int value) {
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            put(value >> shift);
        }
    }

    void putLong(long value) {
        putInt((int) value);
        putInt((int) (value >> Integer.SIZE));
    }

    void setInt(int at, int value) {
        for (int i = 0; i < Integer.BYTES; i++) {
            bytes[at + i] = (byte) (value >> Byte.SIZE * i);
        }
    }

    /** Appends instructions without effect, up to a multiple of 32 bytes. */
    void align() {
        int missing = -size & 31;
        while (missing > 0) {
            int length = Math.min(missing, NO_OPERATIONS.length);
            for (int value : NO_OPERATIONS[length - 1]) {
                put(value);
            }
            missing -= length;
        }
    }

    byte[] toArray() {
        return Arrays.copyOf(bytes, size);
    }
}
