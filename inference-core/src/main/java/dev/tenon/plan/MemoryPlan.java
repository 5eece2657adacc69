package dev.tenon.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Places of buffers in one arena such that buffers whose lifetimes overlap do not.
 *
 * <p>Greedy by size: buffers are placed from the largest to the smallest, each into the tightest gap between those that
 * live at the same time and are placed already (Pisarchyk and Lee, Efficient Memory Management for Deep Neural Net
 * Inference, 2020, "greedy by size").
 */
public final class MemoryPlan {
    /** Every buffer starts at a multiple of this many bytes. */
    public static final long ALIGNMENT = 64;

    /**
     * A buffer without a place.
     *
     * @param bytes its size, at least 0
     * @param first the first step of its life
     * @param last the last step of its life, at least {@code first}
     */
    public record Request(long bytes, int first, int last) {
        private boolean meets(Request other) {
            return first <= other.last && other.first <= last;
        }
    }

    private final List<Buffer> buffers;
    private final long arenaBytes;
    private final long lowerBoundBytes;

    private MemoryPlan(List<Buffer> buffers, long arenaBytes, long lowerBoundBytes) {
        this.buffers = buffers;
        this.arenaBytes = arenaBytes;
        this.lowerBoundBytes = lowerBoundBytes;
    }

    /**
     * Lays buffers out.
     *
     * @param requests the buffers
     * @return their places, in the same order
     */
    public static MemoryPlan of(List<Request> requests) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            order.add(i);
        }
        order.sort(Comparator.comparingLong((Integer i) -> -requests.get(i).bytes()));
        Buffer[] placed = new Buffer[requests.size()];
        List<Integer> byOffset = new ArrayList<>();
        long end = 0;
        for (int index : order) {
            Request r = requests.get(index);
            long bytes = aligned(r.bytes());
            long offset = tightestGap(r, bytes, requests, placed, byOffset);
            placed[index] = new Buffer(r.bytes(), r.first(), r.last(), offset);
            int at = 0;
            while (at < byOffset.size() && placed[byOffset.get(at)].offset() <= offset) {
                at++;
            }
            byOffset.add(at, index);
            end = Math.max(end, offset + bytes);
        }
        return new MemoryPlan(List.of(placed), end, lowerBound(requests));
    }

    private static long tightestGap(
            Request r, long bytes, List<Request> requests, Buffer[] placed, List<Integer> byOffset) {
        long best = -1;
        long bestGap = Long.MAX_VALUE;
        long free = 0;
        for (int other : byOffset) {
            if (!requests.get(other).meets(r)) {
                continue;
            }
            long gap = placed[other].offset() - free;
            if (gap >= bytes && gap < bestGap) {
                best = free;
                bestGap = gap;
            }
            free = Math.max(free, placed[other].offset() + aligned(placed[other].bytes()));
        }
        return best >= 0 ? best : free;
    }

    private static long lowerBound(List<Request> requests) {
        int steps = 0;
        for (Request r : requests) {
            steps = Math.max(steps, r.last() + 2);
        }
        long[] change = new long[steps + 2];
        for (Request r : requests) {
            change[r.first() + 1] += aligned(r.bytes());
            change[r.last() + 2] -= aligned(r.bytes());
        }
        long live = 0;
        long most = 0;
        for (long c : change) {
            live += c;
            most = Math.max(most, live);
        }
        return most;
    }

    private static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /**
     * The buffers with their places.
     *
     * @return in the order of the requests
     */
    public List<Buffer> buffers() {
        return buffers;
    }

    /**
     * The size of the arena.
     *
     * @return bytes
     */
    public long arenaBytes() {
        return arenaBytes;
    }

    /**
     * The largest sum of buffers that live at the same time.
     *
     * @return bytes
     */
    public long lowerBoundBytes() {
        return lowerBoundBytes;
    }
}
