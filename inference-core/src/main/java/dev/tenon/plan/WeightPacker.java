package dev.tenon.plan;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Packs constants into new memory. If there is much to pack, a second thread packs half of it: most of the time is
 * spent on page faults of the file and of the new memory, which two cores handle twice as fast. For one thread.
 */
final class WeightPacker implements Runnable {
    /** From this number of bytes on a second thread pays. */
    private static final long WORTH_SHARING = 8 << 20;

    private final List<Map.Entry<PackedKey, Long>> part;
    private final long allBytes;
    private final SessionMemory source;
    private final Map<PackedKey, MemorySegment> packed = new HashMap<>();
    private Throwable failure;

    private WeightPacker(List<Map.Entry<PackedKey, Long>> part, long allBytes, SessionMemory source) {
        this.part = part;
        this.allBytes = allBytes;
        this.source = source;
    }

    /**
     * Packs constants.
     *
     * @param wanted the size of each in its layout
     * @param source where memory is taken from
     * @return native memory, aligned to 64 bytes
     * @throws dev.tenon.error.ResourceLimitException if there is not enough memory
     */
    static Map<PackedKey, MemorySegment> pack(Map<PackedKey, Long> wanted, SessionMemory source) {
        List<Map.Entry<PackedKey, Long>> all = new ArrayList<>(wanted.entrySet());
        long bytes = bytes(wanted);
        if (bytes < WORTH_SHARING || Runtime.getRuntime().availableProcessors() == 1) {
            WeightPacker alone = new WeightPacker(all, bytes, source);
            alone.pack();
            return alone.packed;
        }
        int half = 0;
        for (long first = 0; first < bytes / 2; half++) {
            first += MemoryPlan.aligned(all.get(half).getValue());
        }
        WeightPacker other = new WeightPacker(all.subList(half, all.size()), bytes, source);
        Thread thread = new Thread(null, other, "tenon-packing", 0, false);
        thread.setDaemon(true);
        thread.start();
        WeightPacker own = new WeightPacker(all.subList(0, half), bytes, source);
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
     * The memory of packed constants.
     *
     * @param wanted the size of each
     * @return bytes
     */
    static long bytes(Map<PackedKey, Long> wanted) {
        long bytes = 0;
        for (long each : wanted.values()) {
            bytes += MemoryPlan.aligned(each);
        }
        return bytes;
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
            bytes += MemoryPlan.aligned(e.getValue());
        }
        if (bytes == 0) {
            return;
        }
        MemorySegment all = source.take("constants of a session, " + allBytes + " bytes in all", bytes);
        long offset = 0;
        for (Map.Entry<PackedKey, Long> e : part) {
            MemorySegment target = all.asSlice(offset, e.getValue());
            e.getKey().layout().pack(e.getKey().constant(), target);
            packed.put(e.getKey(), target);
            offset += MemoryPlan.aligned(e.getValue());
        }
    }

    /** Waits for the other thread, even if this one is interrupted: the other thread reads memory of the model. */
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
