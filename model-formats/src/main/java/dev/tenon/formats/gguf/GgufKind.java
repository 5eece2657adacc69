package dev.tenon.formats.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The types of values among the metadata of a GGUF file, in the order of their numbers. */
public enum GgufKind {
    /** 8 bits, unsigned. */
    UINT8(1),
    /** 8 bits. */
    INT8(1),
    /** 16 bits, unsigned. */
    UINT16(2),
    /** 16 bits. */
    INT16(2),
    /** 32 bits, unsigned. */
    UINT32(4),
    /** 32 bits. */
    INT32(4),
    /** IEEE binary32. */
    FLOAT32(4),
    /** A byte, 0 or 1. */
    BOOL(1),
    /** A length of 8 bytes, and UTF-8. */
    STRING(8),
    /** A type, a number of values, and the values. */
    ARRAY(12),
    /** 64 bits, unsigned. */
    UINT64(8),
    /** 64 bits. */
    INT64(8),
    /** IEEE binary64. */
    FLOAT64(8);

    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final int bytes;

    GgufKind(int bytes) {
        this.bytes = bytes;
    }

    /** The bytes of a value, of a text and of an array the least. */
    int bytes() {
        return bytes;
    }

    boolean isInteger() {
        return switch (this) {
            case FLOAT32, FLOAT64, BOOL, STRING, ARRAY -> false;
            default -> true;
        };
    }

    /** The number at an offset: a {@code Long} or a {@code Double}. */
    Number number(MemorySegment from, long at) {
        return switch (this) {
            case UINT8 -> (Long) (from.get(ValueLayout.JAVA_BYTE, at) & 0xFFL);
            case INT8 -> (Long) (long) from.get(ValueLayout.JAVA_BYTE, at);
            case UINT16 -> (Long) (from.get(SHORT, at) & 0xFFFFL);
            case INT16 -> (Long) (long) from.get(SHORT, at);
            case UINT32 -> (Long) (from.get(INT, at) & 0xFFFFFFFFL);
            case INT32 -> (Long) (long) from.get(INT, at);
            case FLOAT32 -> (Double) (double) from.get(FLOAT, at);
            case FLOAT64 -> (Double) from.get(DOUBLE, at);
            default -> (Long) from.get(LONG, at);
        };
    }
}
