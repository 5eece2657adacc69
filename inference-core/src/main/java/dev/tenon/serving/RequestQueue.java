package dev.tenon.serving;

import dev.tenon.batch.RowGroup;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The requests that wait, in lanes that take turns. A turn is worth one row: a lane that gets more rows is passed over as
 * often (deficit round robin, Shreedhar and Varghese 1995). Guarded by the lock of the batcher.
 */
final class RequestQueue {
    /** How many requests of a lane are looked at for a mate of the same shape. */
    private static final int LOOK_AHEAD = 64;

    private final Map<String, Lane> lanes = new HashMap<>();
    /** The lanes with requests; the next turn is that of the first. */
    private final ArrayDeque<Lane> turns = new ArrayDeque<>();

    private int rows;

    boolean isEmpty() {
        return turns.isEmpty();
    }

    int rows() {
        return rows;
    }

    /** How many lanes wait. */
    int lanes() {
        return turns.size();
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
        Lane lane = lanes.computeIfAbsent(r.call.lane(), Lane::new);
        if (lane.isEmpty()) {
            turns.addLast(lane);
        }
        return lane;
    }

    /** Removes a request, if it waits. */
    void remove(Request r) {
        Lane lane = r.lane;
        if (lane == null) {
            return;
        }
        lane.remove(r);
        rows -= r.rows;
        if (lane.isEmpty()) {
            turns.remove(lane);
            lanes.remove(lane.name);
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

    /** Takes the requests that run next: the first of the lane whose turn it is, and mates of its shape; null if none waits. */
    Request.Batch take(int maxRows) {
        Request head = null;
        while (head == null && !turns.isEmpty()) {
            Lane lane = nextTurn();
            head = lane.first();
            taken(lane, head);
            if (head.isGone()) {
                head = null;
            }
        }
        if (head == null) {
            return null;
        }
        List<Request> members = new ArrayList<>();
        members.add(head);
        if (head.group != null && !turns.isEmpty()) {
            addMates(members, head, head.group.cap(maxRows, rows + head.rows) - head.rows);
        }
        return Request.Batch.of(members, head.group);
    }

    /** The lane whose turn it is. Lanes that had too much lose a turn. */
    private Lane nextTurn() {
        Lane lane = turns.pollFirst();
        while (lane.debt > 0 && !turns.isEmpty()) {
            lane.debt--;
            turns.addLast(lane);
            lane = turns.pollFirst();
        }
        turns.addLast(lane);
        return lane;
    }

    private void taken(Lane lane, Request r) {
        // Nobody is held up by a lane that is alone.
        lane.debt = turns.size() > 1 ? lane.debt + r.rows - 1 : 0;
        remove(r);
    }

    private void addMates(List<Request> members, Request head, int room) {
        int left = room;
        int passed = 0;
        while (left > 0 && passed < turns.size()) {
            Lane lane = nextTurn();
            Request mate = mate(lane, head.group, left);
            if (mate == null) {
                passed++;
            } else {
                passed = 0;
                left -= mate.rows;
                members.add(mate);
                taken(lane, mate);
            }
        }
    }

    private static Request mate(Lane lane, RowGroup group, int room) {
        Request r = lane.first();
        for (int i = 0; i < LOOK_AHEAD && r != null; i++) {
            if (r.group == group && r.rows <= room && !r.isGone()) {
                return r;
            }
            r = r.next;
        }
        return null;
    }

    /** Whether a batch is full that could be taken now. */
    boolean isFull(int maxRows) {
        return rows >= maxRows;
    }
}
