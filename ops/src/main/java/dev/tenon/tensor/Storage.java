package dev.tenon.tensor;

import dev.tenon.error.ResourceLimitException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/** Allocates memory for tensors and arrays. Every failure becomes a {@link ResourceLimitException}. */
final class Storage {
    /** The greatest array length that every HotSpot collector allows. */
    static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

    private static final int ALIGNMENT = 64;

    /**
     * No process has as much. The JVM would first collect garbage, and then wait half a second for memory that nobody can
     * free.
     */
    private static final long BEYOND_ANY_MEMORY = 1L << 48;

    private Storage() {}

    /** Zeroed memory of a Java array of the type's natural element, so that every access is aligned. */
    static MemorySegment heap(DType dtype, long elements, Supplier<String> what) {
        long parts = dtype.isComplex() ? elements << 1 : elements;
        return switch (dtype) {
            case FLOAT32, COMPLEX64 -> array(parts, 4, n -> MemorySegment.ofArray(new float[(int) n]), what);
            case FLOAT64, COMPLEX128 -> array(parts, 8, n -> MemorySegment.ofArray(new double[(int) n]), what);
            case INT64, UINT64 -> array(parts, 8, n -> MemorySegment.ofArray(new long[(int) n]), what);
            case INT32, UINT32 -> array(parts, 4, n -> MemorySegment.ofArray(new int[(int) n]), what);
            case FLOAT16, BFLOAT16, INT16, UINT16 ->
                array(parts, 2, n -> MemorySegment.ofArray(new short[(int) n]), what);
            default -> array(dtype.byteSize(elements), 1, n -> MemorySegment.ofArray(new byte[(int) n]), what);
        };
    }

    /** Zeroed native memory, aligned to 64 bytes, which the garbage collector frees. */
    static MemorySegment offHeap(long bytes, Supplier<String> what) {
        if (bytes >= BEYOND_ANY_MEMORY) {
            throw new ResourceLimitException(
                    what.get(),
                    "needs " + bytes + " bytes of native memory",
                    "less than " + BEYOND_ANY_MEMORY + ", which no process has",
                    null);
        }
        try {
            return bytes <= MAX_ARRAY - ALIGNMENT
                    ? ofBuffer((int) bytes)
                    : Arena.ofAuto().allocate(bytes, ALIGNMENT);
        } catch (OutOfMemoryError | IllegalArgumentException e) {
            throw new ResourceLimitException(
                    what.get(),
                    "needs " + bytes + " bytes of native memory",
                    null,
                    "raise -XX:MaxDirectMemorySize (by default as large as -Xmx)",
                    e);
        }
    }

    /** The memory of a buffer. The JVM zeroes it natively, but that of an arena by a loop, which a new JVM interprets. */
    private static MemorySegment ofBuffer(int bytes) {
        MemorySegment all = MemorySegment.ofBuffer(ByteBuffer.allocateDirect(bytes + ALIGNMENT - 1));
        return all.asSlice(-all.address() & (ALIGNMENT - 1), bytes);
    }

    /** An array, or a segment over one, from an allocating function. */
    static <A> A array(long length, int elementBytes, LongFunction<A> maker, Supplier<String> what) {
        if (length > MAX_ARRAY) {
            throw new ResourceLimitException(
                    what.get(),
                    "needs an array of " + length + " elements",
                    "at most " + MAX_ARRAY + " on the heap",
                    "use native memory: Tensor.allocateNative");
        }
        try {
            return maker.apply(length);
        } catch (OutOfMemoryError e) {
            throw new ResourceLimitException(
                    what.get(),
                    "needs " + length * elementBytes + " bytes of heap",
                    "at most " + Runtime.getRuntime().maxMemory() + " bytes in all",
                    "raise -Xmx",
                    e);
        }
    }
}
