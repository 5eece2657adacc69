package dev.tenon.serving.batch;

import dev.tenon.serving.run.RowGroup;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * The requests that wait, in lanes. The lane that was served the fewest rows is next (start-time fair queueing, Goyal,
 * Vin and Cheng 1996). A lane without requests does not save its turns, but for a few: calls that come at random come in
 * small groups, and a lane that has less than its share on average does not wait for others.
 *
 * <p>A call of such a lane waits for the batch that runs when it comes, and for its own. So batches are brief while a lane
 * floods and another one, which had calls of late, has few: those of the quiet lane are not to wait for long ones. If all
 * lanes have many calls, each waits for its own most of all, and batches are large.
 *
 * <p>Guarded by the lock of {@link Admission}.
 */
final class RequestQueue {
    /** How many requests of a lane are looked at for a mate of the same shape. */
    private static final int LOOK_AHEAD = 64;
    /** A lane floods if it has so many times the rows of another one. */
    private static final int FLOOD = 4;
    /** How long a lane is remembered after its last call. */
    private static final long MEMORY_NANOS = 1_000_000_000;
    /** So many rows a lane may have at once that had none for a while. */
    private static final int SAVED_ROWS = 4;
    /** So many lanes are remembered; and with more that wait, a batch is shared by so many that none has much of it. */
    private static final int FEW_LANES = 16;

    private final Map<String, Lane> lanes = new HashMap<>();
    /** The lanes with requests, the next one first. */
    private final PriorityQueue<Lane> turns = new PriorityQueue<>(RequestQueue::compare);
    /** Lanes that had requests of late, the one that had none for the longest first. */
    private final Map<String, Lane> empty = new LinkedHashMap<>();

    private int rows;
    /** The rows that the lane of the last request had been served before it. */
    private long served;

    private long tickets;

    private static int compare(Lane a, Lane b) {
        return a.served == b.served ? Long.compare(a.ticket, b.ticket) : Long.compare(a.served, b.served);
    }

    boolean isEmpty() {
        return turns.isEmpty();
    }

    int rows() {
        return rows;
    }

    void add(Request r) {
        laneOf(r).addLast(r);
        rows += r.rows;
    }

    /** Puts requests back that were taken, before all others of their lanes. */
    void putBack(List<Request> taken) {
        for (int i = taken.size() - 1; i >= 0; i--) {
            Request r = taken.get(i);
            laneOf(r).addFirst(r);
            rows += r.rows;
        }
    }

    private Lane laneOf(Request r) {
        String name = r.call.lane();
        Lane lane = lanes.get(name);
        if (lane == null) {
            Lane known = empty.remove(name);
            lane = known == null ? new Lane(name) : known;
            lane.served = Math.max(lane.served, served - SAVED_ROWS);
            lanes.put(name, lane);
            queueUp(lane);
        }
        return lane;
    }

    private void queueUp(Lane lane) {
        lane.ticket = tickets++;
        turns.add(lane);
    }

    /** Whether a request waits. */
    boolean has(Request r) {
        Lane lane = lanes.get(r.call.lane());
        return lane != null && lane.has(r);
    }

    /** Removes a request, if it waits. */
    void remove(Request r, long now) {
        Lane lane = lanes.get(r.call.lane());
        if (lane != null && lane.remove(r)) {
            rows -= r.rows;
            if (lane.isEmpty()) {
                turns.remove(lane);
                close(lane, now);
            }
        }
    }

    /** Remembers a lane that has become empty. */
    private void close(Lane lane, long now) {
        lanes.remove(lane.name);
        lane.emptySince = now;
        empty.put(lane.name, lane);
        forgetLanes(now);
    }

    /** A lane that is not among the turns takes its place there, or is empty. */
    private void settle(Lane lane, long now) {
        if (lane.isEmpty()) {
            close(lane, now);
        } else {
            queueUp(lane);
        }
    }

    /** Takes the request in a seat of a lane. Returns its rows. */
    private int take(Lane lane, int seat) {
        int taken = lane.take(seat);
        count(lane, taken, taken);
        return taken;
    }

    /** A lane was served some rows, the last ones by one request. */
    private void count(Lane lane, int taken, int last) {
        lane.served += taken;
        served = Math.max(served, lane.served - last);
        rows -= taken;
    }

    /** Forgets lanes that had no call for long, and the oldest of many. */
    private void forgetLanes(long now) {
        Iterator<Lane> oldest = empty.values().iterator();
        while (oldest.hasNext() && (now - oldest.next().emptySince > MEMORY_NANOS || empty.size() > FEW_LANES)) {
            oldest.remove();
        }
    }

    /** About how many rows run before a new request of a lane. */
    int rowsBefore(String name) {
        Lane lane = lanes.get(name);
        long own = lane == null ? 0 : lane.rows();
        int others = lanes.size() - (lane == null ? 0 : 1);
        return (int) Math.min(rows, own + others * (own + 1));
    }

    /** The newest request of the lane with the most rows, if this has more rows than another lane would have; or null. */
    Request crowdingOut(String name, int more) {
        Lane largest = null;
        for (Lane lane : turns) {
            if (largest == null || lane.rows() > largest.rows()) {
                largest = lane;
            }
        }
        Lane own = lanes.get(name);
        int ownRows = (own == null ? 0 : own.rows()) + more;
        return largest == null || largest.rows() <= ownRows ? null : largest.last();
    }

    /** Takes the requests that run next: the first of the next lane, and mates of its shape; null if none waits. */
    Batch take(int maxRows, long now) {
        boolean uneven = isUneven(now);
        Request head = null;
        while (head == null && !turns.isEmpty()) {
            Lane lane = turns.poll();
            Request first = lane.at(lane.head());
            if (first.isGone()) {
                rows -= lane.take(lane.head());
            } else {
                head = first;
                take(lane, lane.head());
            }
            settle(lane, now);
        }
        if (head == null) {
            return null;
        }
        int most = head.group == null || turns.isEmpty() ? 1 : most(head.group, maxRows, rows + head.rows, uneven);
        List<Request> members = new ArrayList<>(Math.max(1, Math.min(most, rows + 1)));
        members.add(head);
        int added = most <= head.rows ? 0 : addMates(members, most - head.rows, now);
        return new Batch(members, head.group, head.rows + added);
    }

    private static int most(RowGroup group, int maxRows, int waiting, boolean uneven) {
        return group.cap(uneven ? Math.min(maxRows, group.brief()) : maxRows, waiting);
    }

    /** Whether a lane floods, and another one has few calls. */
    private boolean isUneven(long now) {
        if (turns.size() > FEW_LANES || turns.size() + empty.size() < 2) {
            return false;
        }
        forgetLanes(now);
        int least = empty.isEmpty() ? Integer.MAX_VALUE : 0;
        int most = 0;
        for (Lane lane : turns) {
            least = Math.min(least, lane.rows());
            most = Math.max(most, lane.rows());
        }
        return most / FLOOD >= least;
    }

    /** Adds mates of the first member. Returns their rows. */
    private int addMates(List<Request> members, int room, long now) {
        RowGroup group = members.getFirst().group;
        List<Lane> without = List.of();
        int left = room;
        while (left > 0 && !turns.isEmpty()) {
            Lane lane = turns.poll();
            if (turns.isEmpty() && without.isEmpty()) {
                int taken = lane.take(members, group, left, LOOK_AHEAD);
                if (taken > 0) {
                    count(lane, taken, members.getLast().rows);
                }
                left -= taken;
                settle(lane, now);
                return room - left;
            }
            int seat = mate(lane, group, left);
            if (lane.isEnd(seat)) {
                without = without.isEmpty() ? new ArrayList<>() : without;
                without.add(lane);
            } else {
                members.add(lane.at(seat));
                left -= take(lane, seat);
                settle(lane, now);
            }
        }
        turns.addAll(without);
        return room - left;
    }

    /** The seat of the oldest request that is a mate; the end of the lane if there is none. */
    private static int mate(Lane lane, RowGroup group, int room) {
        int seat = lane.head();
        for (int i = 0; i < LOOK_AHEAD && !lane.isEnd(seat); i++) {
            if (lane.fits(seat, group, room)) {
                return seat;
            }
            seat = lane.after(seat);
        }
        return lane.end();
    }

    /** Whether a batch is full that could be taken now. */
    boolean isFull(int maxRows) {
        return rows >= maxRows;
    }
}
