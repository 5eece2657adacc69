package dev.tenon.serving.run;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Native memory in which the inputs of calls are joined, batch after batch: kernels read it in place, and no batch needs
 * memory of its own. Its size is limited; batches that are larger do without. For one thread at a time.
 */
public final class JoinMemory {
    private static final long ALIGNMENT = 64;
    private static final long FIRST_BYTES = 1 << 12;
    private static final long MOST_BYTES = 1 << 20;

    /** Null until it is needed. */
    private MemorySegment memory;

    private long used;

    /** No memory yet. */
    public JoinMemory() {}

    /** Frees the memory of all tensors that were made in it; they must not be used any more. */
    public void clear() {
        used = 0;
    }

    /**
     * A tensor in this memory, whose elements have any values.
     *
     * @param dtype its type
     * @param dims its dimensions
     * @return the tensor, or null if it can't be here
     */
    Tensor tensor(DType dtype, long[] dims) {
        if (dtype == DType.STRING || dtype.isSubByte()) {
            return null;
        }
        long elements = 1;
        for (long dim : dims) {
            if (elements > MOST_BYTES || dim > MOST_BYTES) {
                return null;
            }
            elements *= dim;
        }
        long bytes = elements * (dtype.bits() / Byte.SIZE);
        if (used + bytes > MOST_BYTES || bytes == 0) {
            return null;
        }
        if ((memory == null || used + bytes > memory.byteSize()) && !grow(bytes)) {
            return null;
        }
        MemorySegment part = memory.asSlice(used, bytes);
        used += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        return Tensor.of(dtype, part, dims);
    }

    /** Takes larger memory; tensors that were made before keep theirs. Returns false if there is none to be had. */
    private boolean grow(long bytes) {
        long size = memory == null ? FIRST_BYTES : memory.byteSize();
        while (size < used + bytes) {
            size *= 2;
        }
        try {
            memory = Tensor.allocateNative(DType.UINT8, Math.min(size, MOST_BYTES))
                    .segment();
        } catch (ResourceLimitException e) {
            return false;
        }
        used = 0;
        return true;
    }
}
