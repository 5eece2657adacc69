package dev.tenon.serving.batch;

import dev.tenon.serving.run.RowGroup;
import java.util.Arrays;
import java.util.List;

/**
 * The requests of one lane that wait, the oldest first, in a ring with gaps where some were removed. It keeps what decides who
 * runs together, so that no request is read to find mates: another processor has written them, and the lock is held meanwhile.
 * Guarded by the lock of {@link Admission}.
 */
final class Lane {
    private static final int FIRST_CAPACITY = 16;

    final String name;
    private Request[] ring = new Request[FIRST_CAPACITY];
    /** The rows and the group of each request, at its place in the ring. */
    private int[] rowsAt = new int[FIRST_CAPACITY];

    private RowGroup[] groupAt = new RowGroup[FIRST_CAPACITY];
    /** The seat of the first request, and the one after the last. They count on, and wrap around as integers do. */
    private int head;

    private int tail;
    private int count;
    private int rows;
    /** The rows that it has had, as far as other lanes had as many; the lane with the fewest is next. */
    long served;
    /** Which of two lanes that were served alike is next. */
    long ticket;
    /** When its last request left; of use while none waits. */
    long emptySince;

    Lane(String name) {
        this.name = name;
    }

    boolean isEmpty() {
        return count == 0;
    }

    int rows() {
        return rows;
    }

    /** The seat of the oldest request. */
    int head() {
        return head;
    }

    /** The request in a seat, or null. */
    Request at(int seat) {
        return ring[place(seat)];
    }

    /** The newest request, or null. */
    Request last() {
        return count == 0 ? null : ring[place(tail - 1)];
    }

    /** The seat after that of the newest request. */
    int end() {
        return tail;
    }

    /** Whether no request waits in this seat, nor after it. */
    boolean isEnd(int seat) {
        return seat - tail >= 0;
    }

    /** The seat of the oldest request that comes after a seat; see {@link #isEnd}. */
    int after(int seat) {
        int next = seat + 1;
        while (next - tail < 0 && ring[place(next)] == null) {
            next++;
        }
        return next;
    }

    /** Whether the request in a seat has a group, and at most so many rows. */
    boolean fits(int seat, RowGroup group, int mostRows) {
        int i = place(seat);
        return groupAt[i] == group && rowsAt[i] <= mostRows;
    }

    private int place(int seat) {
        return seat & ring.length - 1;
    }

    void addLast(Request r) {
        makeRoom();
        sit(r, tail++);
        count++;
        rows += r.rows;
    }

    void addFirst(Request r) {
        makeRoom();
        sit(r, --head);
        count++;
        rows += r.rows;
    }

    private void sit(Request r, int seat) {
        int i = place(seat);
        ring[i] = r;
        rowsAt[i] = r.rows;
        // Most have the same group. Collectors have work with each reference that is written.
        if (groupAt[i] != r.group) {
            groupAt[i] = r.group;
        }
        r.seat = seat;
    }

    private void makeRoom() {
        if (tail - head < ring.length) {
            return;
        }
        Request[] waiting = new Request[count];
        int n = 0;
        for (int seat = head; seat != tail; seat++) {
            Request r = ring[place(seat)];
            if (r != null) {
                waiting[n++] = r;
            }
        }
        // Half of the room stays free, so that each move is paid for by as many additions.
        if (count > ring.length / 2) {
            clear(2 * ring.length);
        } else {
            Arrays.fill(ring, null);
        }
        head = 0;
        tail = n;
        for (int i = 0; i < n; i++) {
            sit(waiting[i], i);
        }
    }

    private void clear(int capacity) {
        ring = new Request[capacity];
        rowsAt = new int[capacity];
        groupAt = new RowGroup[capacity];
    }

    /** Whether a request waits here. */
    boolean has(Request r) {
        return r.equals(at(r.seat));
    }

    /** Removes a request, if it waits here. Returns whether it does. */
    boolean remove(Request r) {
        boolean waits = has(r);
        if (waits) {
            take(r.seat);
        }
        return waits;
    }

    /** Removes the request in a seat, and returns its rows. */
    int take(int seat) {
        int i = place(seat);
        int taken = rowsAt[i];
        ring[i] = null;
        count--;
        rows -= taken;
        trim();
        return taken;
    }

    /**
     * Removes requests of a group, the oldest first, as long as their rows fit.
     *
     * @param into receives them
     * @param group their group
     * @param room the most rows
     * @param mostPassed how many requests may be passed over
     * @return their rows
     */
    int take(List<Request> into, RowGroup group, int room, int mostPassed) {
        int left = room;
        int passed = 0;
        for (int seat = head; seat != tail && left > 0 && passed < mostPassed; seat++) {
            int i = place(seat);
            Request r = ring[i];
            if (r == null) {
                continue;
            }
            if (groupAt[i] == group && rowsAt[i] <= left) {
                into.add(r);
                ring[i] = null;
                left -= rowsAt[i];
                count--;
            } else {
                passed++;
            }
        }
        rows -= room - left;
        trim();
        return room - left;
    }

    /** Drops the gaps at both ends, and the room that many requests needed. */
    private void trim() {
        while (head != tail && ring[place(head)] == null) {
            head++;
        }
        while (head != tail && ring[place(tail - 1)] == null) {
            tail--;
        }
        if (count == 0 && ring.length > FIRST_CAPACITY) {
            clear(FIRST_CAPACITY);
        }
    }
}
