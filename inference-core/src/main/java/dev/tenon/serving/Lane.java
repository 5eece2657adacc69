package dev.tenon.serving;

/** The requests of one lane that wait, the oldest first. Guarded by the lock of the batcher. */
final class Lane {
    final String name;
    private Request first;
    private Request last;
    private int rows;
    /** How many rows it has had more than its turns so far; it is passed over as often. */
    int debt;

    Lane(String name) {
        this.name = name;
    }

    boolean isEmpty() {
        return first == null;
    }

    int rows() {
        return rows;
    }

    Request first() {
        return first;
    }

    Request last() {
        return last;
    }

    void addLast(Request r) {
        r.lane = this;
        r.previous = last;
        r.next = null;
        if (last == null) {
            first = r;
        } else {
            last.next = r;
        }
        last = r;
        rows += r.rows;
    }

    void addFirst(Request r) {
        r.lane = this;
        r.previous = null;
        r.next = first;
        if (first == null) {
            last = r;
        } else {
            first.previous = r;
        }
        first = r;
        rows += r.rows;
    }

    void remove(Request r) {
        if (r.previous == null) {
            first = r.next;
        } else {
            r.previous.next = r.next;
        }
        if (r.next == null) {
            last = r.previous;
        } else {
            r.next.previous = r.previous;
        }
        r.previous = null;
        r.next = null;
        r.lane = null;
        rows -= r.rows;
    }
}
