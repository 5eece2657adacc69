package dev.tenon.client;

/** The element types of tensors, by the names that the protocol gives them. */
public enum ElementType {
    /** Truth values, a byte each: 0 or 1. */
    BOOL(1),
    /** Unsigned whole numbers of 8 bits. */
    UINT8(1),
    /** Unsigned whole numbers of 16 bits. */
    UINT16(2),
    /** Unsigned whole numbers of 32 bits. */
    UINT32(4),
    /** Unsigned whole numbers of 64 bits. */
    UINT64(8),
    /** Signed whole numbers of 8 bits. */
    INT8(1),
    /** Signed whole numbers of 16 bits. */
    INT16(2),
    /** Signed whole numbers of 32 bits. */
    INT32(4),
    /** Signed whole numbers of 64 bits. */
    INT64(8),
    /** Floating-point numbers of 16 bits, as IEEE 754 has them. */
    FP16(2),
    /** The upper 16 bits of {@link #FP32}. */
    BF16(2),
    /** {@code float}. */
    FP32(4),
    /** {@code double}. */
    FP64(8),
    /** Texts in UTF-8. */
    BYTES(0);

    private final int bytes;

    ElementType(int bytes) {
        this.bytes = bytes;
    }

    /** {@return the bytes of an element; 0 for {@link #BYTES}, whose elements differ} */
    public int bytes() {
        return bytes;
    }
}
