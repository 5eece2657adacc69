package dev.tenon.plan;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.ResourceLimitException;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Takes native memory for constants and calls. */
public final class NativeMemory {
    private NativeMemory() {}

    /**
     * Takes memory that is given back when nobody reaches it any more.
     *
     * @param purpose what it is for, for the message
     * @param bytes how much
     * @return zeroed memory, aligned to 64 bytes
     * @throws ResourceLimitException if there is not so much
     */
    public static MemorySegment take(String purpose, long bytes) {
        try {
            return Tensor.allocateNative(DType.UINT8, bytes).segment();
        } catch (ResourceLimitException e) {
            String reason = e.getCause() == null ? "" : " (" + e.getCause().getMessage() + ")";
            throw new ResourceLimitException(purpose, e.found() + reason, e.allowed(), e.cure(), e);
        }
    }
}
