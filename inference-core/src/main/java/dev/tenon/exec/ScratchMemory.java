package dev.tenon.exec;

import dev.tenon.plan.NativeMemory;
import java.lang.foreign.MemorySegment;

/**
 * The scratch memory of one thread: native, aligned to 64 bytes, grown when a kernel needs more. For one thread at a
 * time.
 */
final class ScratchMemory {
    private MemorySegment segment = MemorySegment.NULL;

    /**
     * The memory.
     *
     * @param bytes how much is needed
     * @return at least this much; its contents are undefined
     */
    MemorySegment atLeast(long bytes) {
        if (segment.byteSize() < bytes) {
            segment = NativeMemory.take("scratch of a kernel", bytes);
        }
        return segment;
    }
}
