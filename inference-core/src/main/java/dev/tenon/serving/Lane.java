package dev.tenon.serving;

import java.util.Arrays;

/**
 * The requests of one lane that wait, the oldest first, in a ring with gaps where some were removed. Guarded by the lock of
 * the batcher.
 */
final class Lane {
    private static final int FIRST_CAPACITY = 16;

    final String name;
    private Request[] ring = new Request[FIRST_CAPACITY];
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

    /** The oldest request, or null. */
    Request first() {
        return count == 0 ? null : ring[place(head)];
    }

    /** The newest request, or null. */
    Request last() {
        return count == 0 ? null : ring[place(tail - 1)];
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
        ring[place(seat)] = r;
        r.lane = this;
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
        ring = count > ring.length / 2 ? new Request[2 * ring.length] : ring;
        Arrays.fill(ring, null);
        head = 0;
        tail = n;
        for (int i = 0; i < n; i++) {
            sit(waiting[i], i);
        }
    }

    void remove(Request r) {
        ring[place(r.seat)] = null;
        r.lane = null;
        count--;
        rows -= r.rows;
        while (head != tail && ring[place(head)] == null) {
            head++;
        }
        while (head != tail && ring[place(tail - 1)] == null) {
            tail--;
        }
        if (count == 0 && ring.length > FIRST_CAPACITY) {
            ring = new Request[FIRST_CAPACITY];
        }
    }

    /** The oldest request that comes after a seat, or null. */
    Request after(int seat) {
        for (int s = seat + 1; s - tail < 0; s++) {
            Request r = ring[place(s)];
            if (r != null) {
                return r;
            }
        }
        return null;
    }
}
