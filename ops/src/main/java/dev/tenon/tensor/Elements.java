package dev.tenon.tensor;

import dev.tenon.error.InvalidTensorException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Single elements of packed memory, converted from and to Java's numbers. Only the segment checks indices. Layouts are
 * unaligned, because mapped data may start anywhere.
 */
final class Elements {
    static final ValueLayout.OfByte I8 = ValueLayout.JAVA_BYTE;
    static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;
    static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED;
    static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
    static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED;

    private Elements() {}

    static double getDouble(DType dtype, MemorySegment data, long i) {
        return switch (dtype) {
            case FLOAT32 -> data.get(F32, i << 2);
            case FLOAT64 -> data.get(F64, i << 3);
            case UINT64 -> unsignedToDouble(data.get(I64, i << 3));
            case FLOAT16, BFLOAT16, FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0, FLOAT4E2M1 ->
                getSmallFloat(dtype, data, i);
            default -> getLong(dtype, data, i);
        };
    }

    static float getFloat(DType dtype, MemorySegment data, long i) {
        return switch (dtype) {
            case FLOAT32 -> data.get(F32, i << 2);
            case FLOAT64 -> (float) data.get(F64, i << 3);
            case UINT64 -> unsignedToFloat(data.get(I64, i << 3));
            case FLOAT16, BFLOAT16, FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0, FLOAT4E2M1 ->
                getSmallFloat(dtype, data, i);
            default -> getLong(dtype, data, i);
        };
    }

    private static float getSmallFloat(DType dtype, MemorySegment data, long i) {
        return switch (dtype) {
            case FLOAT16 -> Float16.toFloat(data.get(I16, i << 1));
            case BFLOAT16 -> BFloat16.toFloat(data.get(I16, i << 1));
            case FLOAT4E2M1 -> Float4E2M1.toFloat(PackedBits.getUnsigned(data, i, 4));
            default -> Float8.toFloat(dtype, data.get(I8, i));
        };
    }

    static long getLong(DType dtype, MemorySegment data, long i) {
        return switch (dtype) {
            case INT64, UINT64 -> data.get(I64, i << 3);
            case INT32 -> data.get(I32, i << 2);
            case UINT32 -> Integer.toUnsignedLong(data.get(I32, i << 2));
            case INT16 -> data.get(I16, i << 1);
            case UINT16 -> Short.toUnsignedLong(data.get(I16, i << 1));
            case INT8 -> data.get(I8, i);
            case UINT8 -> Byte.toUnsignedLong(data.get(I8, i));
            case BOOL -> data.get(I8, i) == 0 ? 0 : 1;
            case INT4 -> PackedBits.getSigned(data, i, 4);
            case UINT4 -> PackedBits.getUnsigned(data, i, 4);
            case INT2 -> PackedBits.getSigned(data, i, 2);
            case UINT2 -> PackedBits.getUnsigned(data, i, 2);
            case FLOAT64 -> (long) data.get(F64, i << 3);
            case FLOAT32 -> (long) data.get(F32, i << 2);
            case FLOAT16, BFLOAT16, FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0, FLOAT4E2M1 ->
                (long) getSmallFloat(dtype, data, i);
            case COMPLEX64, COMPLEX128, STRING -> throw notReal(dtype);
        };
    }

    static void setDouble(DType dtype, MemorySegment data, long i, double value) {
        switch (dtype) {
            case FLOAT32 -> data.set(F32, i << 2, (float) value);
            case FLOAT64 -> data.set(F64, i << 3, value);
            case FLOAT16 -> data.set(I16, i << 1, Float16.fromDouble(value));
            case BFLOAT16 -> data.set(I16, i << 1, BFloat16.fromDouble(value));
            case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0 ->
                data.set(I8, i, Float8.fromDouble(dtype, value, true));
            case FLOAT4E2M1 -> PackedBits.set(data, i, 4, Float4E2M1.fromDouble(value));
            case BOOL -> data.set(I8, i, (byte) (value == 0 ? 0 : 1));
            case UINT64 -> data.set(I64, i << 3, doubleToUnsigned(value));
            default -> setLong(dtype, data, i, (long) value);
        }
    }

    static void setLong(DType dtype, MemorySegment data, long i, long value) {
        switch (dtype) {
            case FLOAT32 -> data.set(F32, i << 2, (float) value);
            case FLOAT64 -> data.set(F64, i << 3, (double) value);
            case FLOAT16, BFLOAT16, FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0, FLOAT4E2M1 ->
                setDouble(dtype, data, i, MiniFloat.toOdd(value));
            case BOOL -> data.set(I8, i, (byte) (value == 0 ? 0 : 1));
            case COMPLEX64, COMPLEX128, STRING -> throw notReal(dtype);
            default -> setBits(dtype, data, i, value);
        }
    }

    /** Like {@link #setLong} of a value read as unsigned. */
    static void setUnsigned(DType dtype, MemorySegment data, long i, long value) {
        if (value >= 0 || !dtype.isFloating()) {
            setLong(dtype, data, i, value);
        } else if (dtype == DType.FLOAT32) {
            data.set(F32, i << 2, unsignedToFloat(value));
        } else if (dtype == DType.FLOAT64) {
            data.set(F64, i << 3, unsignedToDouble(value));
        } else {
            setDouble(dtype, data, i, MiniFloat.toOddUnsigned(value));
        }
    }

    static long getBits(DType dtype, MemorySegment data, long i) {
        return switch (dtype.bits()) {
            case 64 -> data.get(I64, i << 3);
            case 32 -> Integer.toUnsignedLong(data.get(I32, i << 2));
            case 16 -> Short.toUnsignedLong(data.get(I16, i << 1));
            case 8 -> Byte.toUnsignedLong(data.get(I8, i));
            case 4, 2 -> PackedBits.getUnsigned(data, i, dtype.bits());
            default -> throw notUpTo64(dtype);
        };
    }

    static void setBits(DType dtype, MemorySegment data, long i, long value) {
        switch (dtype.bits()) {
            case 64 -> data.set(I64, i << 3, value);
            case 32 -> data.set(I32, i << 2, (int) value);
            case 16 -> data.set(I16, i << 1, (short) value);
            case 8 -> data.set(I8, i, (byte) value);
            case 4, 2 -> PackedBits.set(data, i, dtype.bits(), (int) value);
            default -> throw notUpTo64(dtype);
        }
    }

    /** The part of a complex element, or of a real one, whose imaginary part is 0. */
    static double getPart(DType dtype, MemorySegment data, long i, int part) {
        return switch (dtype) {
            case COMPLEX64 -> data.get(F32, (i << 3) + (part << 2));
            case COMPLEX128 -> data.get(F64, (i << 4) + (part << 3));
            default -> part == 0 ? getDouble(dtype, data, i) : 0;
        };
    }

    static void setPart(DType dtype, MemorySegment data, long i, int part, double value) {
        switch (dtype) {
            case COMPLEX64 -> data.set(F32, (i << 3) + (part << 2), (float) value);
            case COMPLEX128 -> data.set(F64, (i << 4) + (part << 3), value);
            default -> throw new InvalidTensorException(dtype.text(), "is not complex", "c64, c128", null);
        }
    }

    /** The layout that a bulk copy of whole elements of up to 64 bits uses. */
    static ValueLayout layout(DType dtype) {
        return switch (dtype.bits()) {
            case 64 -> I64;
            case 32 -> I32;
            case 16 -> I16;
            default -> I8;
        };
    }

    static double unsignedToDouble(long value) {
        return value >= 0 ? (double) value : (double) (value >>> 1 | (value & 1)) * 2;
    }

    private static float unsignedToFloat(long value) {
        return value >= 0 ? (float) value : (float) (value >>> 1 | (value & 1)) * 2;
    }

    private static long doubleToUnsigned(double value) {
        if (value < 0x1p63) {
            return (long) value;
        }
        return value >= 0x1p64 ? -1L : Double.isNaN(value) ? 0 : (long) (value - 0x1p63) + Long.MIN_VALUE;
    }

    private static InvalidTensorException notReal(DType dtype) {
        String cure = dtype == DType.STRING
                ? "use getString, getUtf8 or setString"
                : "use getReal, getImaginary or setComplex";
        return new InvalidTensorException("element of type " + dtype.text(), "is no real number", "real types", cure);
    }

    private static InvalidTensorException notUpTo64(DType dtype) {
        return new InvalidTensorException(
                "element of type " + dtype.text(), "has no bits that fit a long", "types of 2 to 64 bits", null);
    }
}
