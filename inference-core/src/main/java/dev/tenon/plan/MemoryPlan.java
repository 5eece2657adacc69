package dev.tenon.plan;

import java.util.ArrayList;
import java.util.List;

/**
 * The places of buffers in one arena. Buffers whose lifetimes overlap do not overlap in the arena. Immutable.
 *
 * <p>The algorithm is greedy: buffers are placed one by one, each into the tightest gap between placed buffers that
 * live at the same time. The first order is from the largest to the smallest: "greedy by size" of Pisarchyk and Lee,
 * Efficient Memory Management for Deep Neural Net Inference, 2020. If the arena is larger than the largest live set,
 * other orders are tried too, and the smallest arena is taken. Thousands of buffers are placed in the order of the steps
 * instead, as a memory allocator would: {@link GapList}.
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

    /** With more buffers only one order is tried: the time of placing grows with the square of their number. */
    private static final int MOST_FOR_SEVERAL_ORDERS = 1024;

    /** With more buffers they are placed in the order of the steps, in which the time grows as their number does. */
    private static final int MOST_FOR_ANY_ORDER = 4096;

    /** The number of orders, the best first. */
    private static final int ORDERS = 5;

    /** The sort key of a buffer in an order: buffers with the smallest key are placed first. */
    private static double key(int order, Request r) {
        return switch (order) {
            case 0 -> -r.bytes();
            case 1 -> -(double) r.bytes() * (r.last() - r.first() + 1);
            case 2 -> r.first() - r.last();
            case 3 -> r.first();
            default -> -r.last();
        };
    }

    /**
     * Places buffers.
     *
     * @param requests the buffers
     * @return their places, in the same order
     */
    public static MemoryPlan of(List<Request> requests) {
        Request[] all = requests.toArray(new Request[0]);
        long bound = lowerBound(requests);
        long[] best = new long[all.length];
        long least = Long.MAX_VALUE;
        if (all.length > MOST_FOR_ANY_ORDER) {
            least = GapList.place(requests, best);
        } else {
            int orders = all.length > MOST_FOR_SEVERAL_ORDERS ? 1 : ORDERS;
            for (int order = 0; order < orders && least > bound; order++) {
                long[] offsets = new long[all.length];
                long end = place(all, order, offsets);
                if (end < least) {
                    least = end;
                    best = offsets;
                }
            }
        }
        List<Buffer> buffers = new ArrayList<>(all.length);
        for (int i = 0; i < all.length; i++) {
            buffers.add(new Buffer(all[i].bytes(), all[i].first(), all[i].last(), best[i]));
        }
        return new MemoryPlan(List.copyOf(buffers), least, bound);
    }

    /** Sets the offsets, and returns the end of the last buffer. */
    private static long place(Request[] all, int order, long[] offsets) {
        int[] queue = queue(all, order);
        int[] placed = new int[all.length];
        long end = 0;
        for (int count = 0; count < queue.length; count++) {
            int index = queue[count];
            long bytes = aligned(all[index].bytes());
            long offset = tightestGap(all, index, bytes, placed, count, offsets);
            offsets[index] = offset;
            int at = count;
            while (at > 0 && offsets[placed[at - 1]] > offset) {
                placed[at] = placed[at - 1];
                at--;
            }
            placed[at] = index;
            end = Math.max(end, offset + bytes);
        }
        return end;
    }

    /** The order in which buffers are placed: by key, then by size (not in the second order), then by index. */
    private static int[] queue(Request[] all, int order) {
        int[] queue = new int[all.length];
        double[] keys = new double[all.length];
        for (int i = 0; i < queue.length; i++) {
            double key = key(order, all[i]);
            int at = i;
            while (at > 0 && comesBefore(order, key, all[i], keys[at - 1], all[queue[at - 1]])) {
                keys[at] = keys[at - 1];
                queue[at] = queue[at - 1];
                at--;
            }
            keys[at] = key;
            queue[at] = i;
        }
        return queue;
    }

    private static boolean comesBefore(int order, double key, Request r, double otherKey, Request other) {
        return key < otherKey || key == otherKey && order != 1 && r.bytes() > other.bytes();
    }

    private static long tightestGap(Request[] all, int index, long bytes, int[] placed, int count, long[] offsets) {
        Request r = all[index];
        long best = -1;
        long bestGap = Long.MAX_VALUE;
        long free = 0;
        for (int i = 0; i < count; i++) {
            int other = placed[i];
            if (!all[other].meets(r)) {
                continue;
            }
            long gap = offsets[other] - free;
            if (gap >= bytes && gap < bestGap) {
                best = free;
                bestGap = gap;
            }
            free = Math.max(free, offsets[other] + aligned(all[other].bytes()));
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

    /** A size rounded up to a multiple of the alignment. */
    static long aligned(long bytes) {
        return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
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
     * The largest sum of the sizes of buffers that live at the same time.
     *
     * @return bytes
     */
    public long lowerBoundBytes() {
        return lowerBoundBytes;
    }
}
