package dev.tenon.plan;

import java.lang.foreign.MemorySegment;

/**
 * Allocates native memory for constants. Small constants share chunks; a large one has an allocation of its own. Memory
 * lives as long as a segment of its chunk is reachable. For one thread at a time.
 */
final class ConstantAllocator {
    private final SessionMemory source;
    private final long chunkBytes;
    private MemorySegment chunk = MemorySegment.NULL;
    private long used;
    private long total;
    private long taken;

    /**
     * An allocator that has allocated nothing.
     *
     * @param source where chunks are taken from
     * @param chunkBytes the size of a chunk; more than a quarter of it is an allocation of its own
     */
    ConstantAllocator(SessionMemory source, long chunkBytes) {
        this.source = source;
        this.chunkBytes = chunkBytes;
    }

    /**
     * Allocates memory.
     *
     * @param bytes how much
     * @return a native segment of exactly this size, aligned to 64 bytes
     */
    MemorySegment allocate(long bytes) {
        long aligned = MemoryPlan.aligned(bytes);
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
     * The memory that was allocated.
     *
     * @return bytes
     */
    long totalBytes() {
        return total;
    }

    /**
     * The memory that was taken from the system, with the parts of chunks that are not used yet.
     *
     * @return bytes
     */
    long takenBytes() {
        return taken;
    }

    private MemorySegment nativeBytes(long bytes) {
        taken += bytes;
        return source.take("constants of a session", bytes);
    }
}
