package dev.tenon.exec;

import dev.tenon.plan.SessionMemory;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Native memory for values whose sizes are only known during the call. It grows by chunks during a call and is reused
 * as a whole after it. Chunks above a total size are dropped. For one thread at a time.
 */
final class Slab {
    private static final long CHUNK_BYTES = 1 << 20;
    private static final long KEPT_BYTES = 64L << 20;
    private static final long ALIGNMENT = 64;

    private final SessionMemory source;
    private final List<MemorySegment> chunks = new ArrayList<>();
    private int chunk;
    private long used;

    Slab(SessionMemory source) {
        this.source = source;
    }

    /**
     * Takes memory for a tensor.
     *
     * @param type element type and known shape
     * @return a tensor whose contents are undefined
     */
    Tensor tensor(TensorType type) {
        long bytes = type.dtype().byteSize(type.shape().knownElements());
        return Tensor.of(type.dtype(), take(bytes), type.shape().toArray());
    }

    private MemorySegment take(long bytes) {
        long aligned = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        while (chunk < chunks.size()) {
            MemorySegment c = chunks.get(chunk);
            if (used + aligned <= c.byteSize()) {
                MemorySegment segment = c.asSlice(used, bytes);
                used += aligned;
                return segment;
            }
            chunk++;
            used = 0;
        }
        chunks.add(source.take("values whose sizes are only known during the call", Math.max(aligned, CHUNK_BYTES)));
        used = aligned;
        return chunks.getLast().asSlice(0, bytes);
    }

    /** Reuses all memory. Tensors that were given out must not be used any more. */
    void reset() {
        chunk = 0;
        used = 0;
        long kept = 0;
        for (int i = 0; i < chunks.size(); i++) {
            kept += chunks.get(i).byteSize();
            if (kept > KEPT_BYTES) {
                chunks.subList(i, chunks.size()).clear();
                return;
            }
        }
    }
}
