package dev.tenon.tensor;

import dev.tenon.error.InvalidTensorException;
import java.util.ArrayList;
import java.util.List;

/**
 * Element types: those of ONNX. Sub-byte types are packed, low bits first, without gaps between rows.
 *
 * <p>The byte order of wider elements in memory is the platform's, which is little endian, the order of ONNX, on every
 * processor that Tenon has kernels for.
 */
public enum DType {
    /** IEEE 754 binary32. */
    FLOAT32("f32", 32, Kind.FLOAT, 23),
    /** IEEE 754 binary64. */
    FLOAT64("f64", 64, Kind.FLOAT, 52),
    /** IEEE 754 binary16. */
    FLOAT16("f16", 16, Kind.FLOAT, 10),
    /** The upper half of a binary32. */
    BFLOAT16("bf16", 16, Kind.FLOAT, 7),
    /** 4 exponent bits, 3 of mantissa, bias 7, no infinity, two NaN codes, largest value 448. */
    FLOAT8E4M3FN("f8e4m3fn", 8, Kind.FLOAT, 3),
    /** 4 exponent bits, 3 of mantissa, bias 8, no infinity, one NaN in place of minus zero, largest value 240. */
    FLOAT8E4M3FNUZ("f8e4m3fnuz", 8, Kind.FLOAT, 3),
    /** 5 exponent bits, 2 of mantissa, bias 15, with infinities, largest value 57344. */
    FLOAT8E5M2("f8e5m2", 8, Kind.FLOAT, 2),
    /** 5 exponent bits, 2 of mantissa, bias 16, no infinity, one NaN in place of minus zero, largest value 57344. */
    FLOAT8E5M2FNUZ("f8e5m2fnuz", 8, Kind.FLOAT, 2),
    /** Powers of two from 2<sup>-127</sup> to 2<sup>127</sup>: an exponent alone; no sign, no zero, one NaN. */
    FLOAT8E8M0("f8e8m0", 8, Kind.FLOAT, 0),
    /** 2 exponent bits, 1 of mantissa: 0, 0.5, 1, 1.5, 2, 3, 4, 6 and their negatives. */
    FLOAT4E2M1("f4e2m1", 4, Kind.FLOAT, 1),
    /** Two's complement, 64 bits. */
    INT64("i64", 64, Kind.SIGNED, 0),
    /** Two's complement, 32 bits. */
    INT32("i32", 32, Kind.SIGNED, 0),
    /** Two's complement, 16 bits. */
    INT16("i16", 16, Kind.SIGNED, 0),
    /** Two's complement, 8 bits. */
    INT8("i8", 8, Kind.SIGNED, 0),
    /** Two's complement, 4 bits, two elements a byte. */
    INT4("i4", 4, Kind.SIGNED, 0),
    /** Two's complement, 2 bits, four elements a byte. */
    INT2("i2", 2, Kind.SIGNED, 0),
    /** Unsigned, 64 bits. */
    UINT64("u64", 64, Kind.UNSIGNED, 0),
    /** Unsigned, 32 bits. */
    UINT32("u32", 32, Kind.UNSIGNED, 0),
    /** Unsigned, 16 bits. */
    UINT16("u16", 16, Kind.UNSIGNED, 0),
    /** Unsigned, 8 bits. */
    UINT8("u8", 8, Kind.UNSIGNED, 0),
    /** Unsigned, 4 bits, two elements a byte. */
    UINT4("u4", 4, Kind.UNSIGNED, 0),
    /** Unsigned, 2 bits, four elements a byte. */
    UINT2("u2", 2, Kind.UNSIGNED, 0),
    /** A byte: 0 is false, every other value is true. Tenon writes 0 and 1. */
    BOOL("bool", 8, Kind.BOOL, 0),
    /** Two binary32: real part, imaginary part. */
    COMPLEX64("c64", 64, Kind.COMPLEX, 23),
    /** Two binary64: real part, imaginary part. */
    COMPLEX128("c128", 128, Kind.COMPLEX, 52),
    /** UTF-8 strings of any length, kept as the exact bytes. */
    STRING("string", 0, Kind.STRING, 0);

    private enum Kind {
        FLOAT,
        SIGNED,
        UNSIGNED,
        BOOL,
        COMPLEX,
        STRING
    }

    private final String text;
    private final int bits;
    private final Kind kind;
    private final int mantissaBits;

    DType(String text, int bits, Kind kind, int mantissaBits) {
        this.text = text;
        this.bits = bits;
        this.kind = kind;
        this.mantissaBits = mantissaBits;
    }

    /** {@return the bits of one element; 0 for {@link #STRING}} */
    public int bits() {
        return bits;
    }

    /**
     * The number of bytes of packed elements, rounded up to a whole byte for sub-byte types.
     *
     * @param elements count of elements, at least 0
     * @return the size in bytes; 0 for {@link #STRING}
     * @throws InvalidTensorException if the count is negative or the size exceeds {@link Long#MAX_VALUE}
     */
    public long byteSize(long elements) {
        if (elements < 0) {
            throw new InvalidTensorException(text, elements + " elements", "0 or more elements", null);
        }
        if (bits < 8) {
            int perByte = bits == 0 ? 0 : 8 / bits;
            return perByte == 0 ? 0 : elements / perByte + (elements % perByte == 0 ? 0 : 1);
        }
        long bytes = bits >> 3;
        if (elements > Long.MAX_VALUE / bytes) {
            throw new InvalidTensorException(
                    text,
                    elements + " elements take more than 2^63 bytes",
                    "at most " + Long.MAX_VALUE / bytes + " elements",
                    null);
        }
        return elements * bytes;
    }

    /** {@return whether this is a real floating type, of any width} */
    public boolean isFloating() {
        return kind == Kind.FLOAT;
    }

    /** {@return whether this is a signed or unsigned integer type; {@link #BOOL} is not} */
    public boolean isInteger() {
        return kind == Kind.SIGNED || kind == Kind.UNSIGNED;
    }

    /** {@return whether this is a real type that holds negative values: signed integers, and floats but E8M0} */
    public boolean isSigned() {
        return kind == Kind.SIGNED || (kind == Kind.FLOAT && this != FLOAT8E8M0);
    }

    /** {@return whether this is an unsigned integer type} */
    public boolean isUnsigned() {
        return kind == Kind.UNSIGNED;
    }

    /** {@return whether an element is a pair of floats} */
    public boolean isComplex() {
        return kind == Kind.COMPLEX;
    }

    /** {@return whether several elements share a byte} */
    public boolean isSubByte() {
        return bits > 0 && bits < 8;
    }

    /** {@return the short name that {@link #parse} reads: {@code f32}, {@code i64}, {@code f8e4m3fn}} */
    public String text() {
        return text;
    }

    /**
     * Reads the name that {@link #text()} writes.
     *
     * @param text the name, in lower case
     * @return the type
     * @throws InvalidTensorException if no type has this name
     */
    public static DType parse(String text) {
        for (DType type : values()) {
            if (type.text.equals(text)) {
                return type;
            }
        }
        List<String> known = new ArrayList<>();
        for (DType type : values()) {
            known.add(type.text);
        }
        throw new InvalidTensorException(
                "element type", "'" + TextReader.excerpt(text) + "'", String.join(", ", known), null);
    }

    /**
     * The distance from 1 to the next greater value: twice the unit roundoff.
     *
     * @return the spacing at 1; for complex types, that of their parts; 1 for {@link #FLOAT8E8M0}
     * @throws InvalidTensorException if this is no floating or complex type
     */
    public double epsilon() {
        if (kind != Kind.FLOAT && kind != Kind.COMPLEX) {
            throw new InvalidTensorException(text, "has no epsilon", "floating and complex types", null);
        }
        return Math.scalb(1.0, -mantissaBits);
    }

    /**
     * The least value of an integer type.
     *
     * @return the least value, 0 for unsigned types
     * @throws InvalidTensorException if this is no integer type
     */
    public long minInteger() {
        requireInteger();
        return kind == Kind.UNSIGNED ? 0 : -1L << (bits - 1);
    }

    /**
     * The greatest value of an integer type.
     *
     * @return the greatest value; for {@link #UINT64} its bits, so -1, to be read as unsigned
     * @throws InvalidTensorException if this is no integer type
     */
    public long maxInteger() {
        requireInteger();
        return kind == Kind.UNSIGNED ? -1L >>> (64 - bits) : ~(-1L << (bits - 1));
    }

    private void requireInteger() {
        if (!isInteger()) {
            throw new InvalidTensorException(text, "has no integer range", "integer types", null);
        }
    }
}
