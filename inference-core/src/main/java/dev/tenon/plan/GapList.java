package dev.tenon.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The free parts of an arena while its buffers come and go in the order of the steps. A buffer takes the smallest gap
 * that has room for it, the lowest of several equal ones, or the end of the arena. The time of a step is logarithmic in
 * the number of gaps. For one thread.
 */
final class GapList {
    /** A part of the arena that no live buffer has. */
    private record Gap(long offset, long bytes) {}

    private static final Comparator<Gap> BY_SIZE =
            Comparator.comparingLong(Gap::bytes).thenComparingLong(Gap::offset);

    private final TreeMap<Long, Gap> byOffset = new TreeMap<>();
    private final TreeSet<Gap> bySize = new TreeSet<>(BY_SIZE);
    private long end;

    private GapList() {}

    /**
     * Places buffers.
     *
     * @param requests the buffers
     * @param offsets is filled with their places, in the same order
     * @return the end of the last buffer
     */
    static long place(List<MemoryPlan.Request> requests, long[] offsets) {
        List<Integer> order = new ArrayList<>(requests.size());
        for (int i = 0; i < requests.size(); i++) {
            order.add(i);
        }
        Comparator<Integer> byStep =
                Comparator.comparingInt(i -> requests.get(i).first());
        order.sort(byStep.thenComparingLong(i -> -requests.get(i).bytes()));
        GapList gaps = new GapList();
        PriorityQueue<Integer> live =
                new PriorityQueue<>(Comparator.comparingInt(i -> requests.get(i).last()));
        for (int i : order) {
            while (!live.isEmpty()
                    && requests.get(live.peek()).last() < requests.get(i).first()) {
                int ended = live.poll();
                gaps.free(offsets[ended], MemoryPlan.aligned(requests.get(ended).bytes()));
            }
            offsets[i] = gaps.take(MemoryPlan.aligned(requests.get(i).bytes()));
            live.add(i);
        }
        return gaps.end;
    }

    /** Takes memory for a buffer. */
    private long take(long bytes) {
        if (bytes == 0) {
            return 0;
        }
        Gap gap = bySize.ceiling(new Gap(0, bytes));
        if (gap != null) {
            remove(gap);
            if (gap.bytes > bytes) {
                add(new Gap(gap.offset + bytes, gap.bytes - bytes));
            }
            return gap.offset;
        }
        // The last gap grows if it reaches the end of the arena.
        Map.Entry<Long, Gap> last = byOffset.lastEntry();
        long offset = end;
        if (last != null && last.getValue().offset + last.getValue().bytes == end) {
            offset = last.getKey();
            remove(last.getValue());
        }
        end = offset + bytes;
        return offset;
    }

    /** Gives the memory of a buffer back, and joins it with the gaps beside it. */
    private void free(long offset, long bytes) {
        if (bytes == 0) {
            return;
        }
        long from = offset;
        long to = offset + bytes;
        Map.Entry<Long, Gap> before = byOffset.lowerEntry(offset);
        if (before != null && before.getValue().offset + before.getValue().bytes == offset) {
            from = before.getKey();
            remove(before.getValue());
        }
        Gap after = byOffset.get(to);
        if (after != null) {
            to += after.bytes;
            remove(after);
        }
        add(new Gap(from, to - from));
    }

    private void add(Gap gap) {
        byOffset.put(gap.offset, gap);
        bySize.add(gap);
    }

    private void remove(Gap gap) {
        byOffset.remove(gap.offset);
        bySize.remove(gap);
    }
}
