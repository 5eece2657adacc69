package dev.tenon.plan;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Packs some constants into memory of their own. A second thread takes half of many: the time goes into bringing pages
 * of a file and fresh memory in, which two cores do twice as fast.
 */
final class WeightPacker implements Runnable {
    /** Bytes that a thread of its own pays for. */
    private static final long WORTH_SHARING = 8 << 20;

    private final List<Map.Entry<PackedKey, Long>> part;
    private final long allBytes;
    private final Map<PackedKey, MemorySegment> packed = new HashMap<>();
    private Throwable failure;

    private WeightPacker(List<Map.Entry<PackedKey, Long>> part, long allBytes) {
        this.part = part;
        this.allBytes = allBytes;
    }

    /**
     * Packs constants.
     *
     * @param wanted the size of each in its layout
     * @return native memory, aligned to 64 bytes
     * @throws dev.tenon.tensor.ResourceLimitException if there is not so much
     */
    static Map<PackedKey, MemorySegment> pack(Map<PackedKey, Long> wanted) {
        List<Map.Entry<PackedKey, Long>> all = new ArrayList<>(wanted.entrySet());
        long bytes = bytes(wanted);
        if (bytes < WORTH_SHARING || Runtime.getRuntime().availableProcessors() == 1) {
            WeightPacker alone = new WeightPacker(all, bytes);
            alone.pack();
            return alone.packed;
        }
        int half = 0;
        for (long first = 0; first < bytes / 2; half++) {
            first += aligned(all.get(half).getValue());
        }
        WeightPacker other = new WeightPacker(all.subList(half, all.size()), bytes);
        Thread thread = new Thread(null, other, "tenon-packing", 0, false);
        thread.setDaemon(true);
        thread.start();
        WeightPacker own = new WeightPacker(all.subList(0, half), bytes);
        try {
            own.pack();
        } finally {
            other.await(thread);
        }
        other.throwFailure();
        own.packed.putAll(other.packed);
        return own.packed;
    }

    /**
     * The memory that packed constants take.
     *
     * @param wanted the size of each
     * @return bytes
     */
    static long bytes(Map<PackedKey, Long> wanted) {
        long bytes = 0;
        for (long each : wanted.values()) {
            bytes += aligned(each);
        }
        return bytes;
    }

    private static long aligned(long bytes) {
        return Math.ceilDiv(bytes, MemoryPlan.ALIGNMENT) * MemoryPlan.ALIGNMENT;
    }

    @Override
    public void run() {
        try {
            pack();
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    private void pack() {
        long bytes = 0;
        for (Map.Entry<PackedKey, Long> e : part) {
            bytes += aligned(e.getValue());
        }
        if (bytes == 0) {
            return;
        }
        MemorySegment all = NativeMemory.take("constants of a session, " + allBytes + " bytes in all", bytes);
        long offset = 0;
        for (Map.Entry<PackedKey, Long> e : part) {
            MemorySegment target = all.asSlice(offset, e.getValue());
            e.getKey().layout().pack(e.getKey().constant(), target);
            packed.put(e.getKey(), target);
            offset += aligned(e.getValue());
        }
    }

    /** Waits for the other thread, which reads memory of this one's model, whatever happens meanwhile. */
    private void await(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void throwFailure() {
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
    }
}
