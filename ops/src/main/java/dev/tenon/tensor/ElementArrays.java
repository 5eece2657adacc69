package dev.tenon.tensor;

import java.lang.foreign.MemorySegment;

/**
 * Packed elements of a real type, copied to arrays of Java's numbers and converted as {@link Elements} converts single ones. Each
 * method fills a whole array from the start of a segment, and returns the array.
 */
final class ElementArrays {
    private ElementArrays() {}

    static float[] floats(float[] out, DType dtype, MemorySegment data) {
        if (dtype == DType.FLOAT32) {
            MemorySegment.copy(data, Elements.F32, 0, out, 0, out.length);
            return out;
        }
        for (int i = 0; i < out.length; i++) {
            out[i] = Elements.getFloat(dtype, data, i);
        }
        return out;
    }

    static double[] doubles(double[] out, DType dtype, MemorySegment data) {
        if (dtype == DType.FLOAT64) {
            MemorySegment.copy(data, Elements.F64, 0, out, 0, out.length);
            return out;
        }
        for (int i = 0; i < out.length; i++) {
            out[i] = Elements.getDouble(dtype, data, i);
        }
        return out;
    }

    static long[] longs(long[] out, DType dtype, MemorySegment data) {
        if (dtype == DType.INT64 || dtype == DType.UINT64) {
            MemorySegment.copy(data, Elements.I64, 0, out, 0, out.length);
            return out;
        }
        for (int i = 0; i < out.length; i++) {
            out[i] = Elements.getLong(dtype, data, i);
        }
        return out;
    }

    static int[] ints(int[] out, DType dtype, MemorySegment data) {
        if (dtype == DType.INT32 || dtype == DType.UINT32) {
            MemorySegment.copy(data, Elements.I32, 0, out, 0, out.length);
            return out;
        }
        for (int i = 0; i < out.length; i++) {
            out[i] = (int) Elements.getLong(dtype, data, i);
        }
        return out;
    }

    static short[] shorts(short[] out, DType dtype, MemorySegment data) {
        for (int i = 0; i < out.length; i++) {
            out[i] = (short) Elements.getLong(dtype, data, i);
        }
        return out;
    }

    static byte[] bytes(byte[] out, DType dtype, MemorySegment data) {
        if (dtype == DType.INT8 || dtype == DType.UINT8) {
            MemorySegment.copy(data, Elements.I8, 0, out, 0, out.length);
            return out;
        }
        for (int i = 0; i < out.length; i++) {
            out[i] = (byte) Elements.getLong(dtype, data, i);
        }
        return out;
    }
}
