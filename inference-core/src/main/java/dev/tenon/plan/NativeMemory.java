package dev.tenon.plan;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.nativecode.LargePages;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Takes native memory for constants and calls. */
public final class NativeMemory {
    private static final class Pages {
        private static final boolean LARGE = LargePages.refusal() == null;
    }

    private NativeMemory() {}

    /**
     * Takes memory, which is freed when it is unreachable. Large pieces are moved onto large pages later, where the
     * system and the flags of the JVM allow it.
     *
     * @param purpose names the memory in errors
     * @param bytes how much
     * @return zeroed memory, aligned to 64 bytes
     * @throws ResourceLimitException if there is not enough memory
     */
    public static MemorySegment take(String purpose, long bytes) {
        try {
            MemorySegment memory = allocate(bytes);
            if (bytes >= LargePageQueue.WORTH_MOVING && Pages.LARGE) {
                LargePageQueue.SHARED.add(memory);
            }
            return memory;
        } catch (ResourceLimitException e) {
            String reason = e.getCause() == null ? "" : " (" + e.getCause().getMessage() + ")";
            throw new ResourceLimitException(purpose, e.found() + reason, e.allowed(), e.cure(), e);
        }
    }

    /** Allocates, once more after all spare memory is given back if the first attempt fails. */
    private static MemorySegment allocate(long bytes) {
        try {
            return Tensor.allocateNative(DType.UINT8, bytes).segment();
        } catch (ResourceLimitException e) {
            if (!SpareMemory.giveBack()) {
                throw e;
            }
        }
        return Tensor.allocateNative(DType.UINT8, bytes).segment();
    }
}
