package dev.tenon.plan;

import java.lang.foreign.MemorySegment;

/**
 * Native memory for constants: small ones share chunks, large ones have an allocation of their own. Memory lives as
 * long as any segment handed out from its chunk is reachable. Not synchronised.
 */
final class ConstantAllocator {
    private final long chunkBytes;
    private MemorySegment chunk = MemorySegment.NULL;
    private long used;
    private long total;

    /**
     * Memory of which nothing is taken yet.
     *
     * @param chunkBytes the size of a chunk; what takes more than a quarter of it has an allocation of its own
     */
    ConstantAllocator(long chunkBytes) {
        this.chunkBytes = chunkBytes;
    }

    /**
     * Takes memory.
     *
     * @param bytes how much
     * @return a native segment of exactly this size, aligned to 64 bytes
     */
    MemorySegment allocate(long bytes) {
        long aligned = (bytes + MemoryPlan.ALIGNMENT - 1) / MemoryPlan.ALIGNMENT * MemoryPlan.ALIGNMENT;
        total += aligned;
        if (aligned > chunkBytes / 4) {
            return nativeBytes(aligned).asSlice(0, bytes);
        }
        if (used + aligned > chunk.byteSize()) {
            chunk = nativeBytes(chunkBytes);
            used = 0;
        }
        MemorySegment segment = chunk.asSlice(used, bytes);
        used += aligned;
        return segment;
    }

    /**
     * How much has been taken.
     *
     * @return bytes
     */
    long totalBytes() {
        return total;
    }

    private static MemorySegment nativeBytes(long bytes) {
        return NativeMemory.take("constants of a session", bytes);
    }
}
