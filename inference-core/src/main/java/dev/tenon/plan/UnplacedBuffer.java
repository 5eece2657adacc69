package dev.tenon.plan;

/** A buffer of a plan in the making. */
final class UnplacedBuffer {
    final long bytes;
    final int first;
    int last;
    /** Whether a step may write over the buffer once nobody reads it any more. */
    final boolean reusable;

    /** The last node that reads a value in it. */
    int lastReader = -1;

    /** What this has become a part of, and where in it; null if it stands for itself. */
    UnplacedBuffer whole;

    long shift;

    UnplacedBuffer(long bytes, int first, boolean reusable) {
        this.bytes = bytes;
        this.first = first;
        this.last = first;
        this.reusable = reusable;
    }

    /** The buffer that is laid out. */
    UnplacedBuffer root() {
        UnplacedBuffer d = this;
        while (d.whole != null) {
            d = d.whole;
        }
        return d;
    }

    /** Where in the root this begins, in bytes. */
    long shiftInRoot() {
        long sum = 0;
        for (UnplacedBuffer d = this; d.whole != null; d = d.whole) {
            sum += d.shift;
        }
        return sum;
    }

    /** Makes this a part of a buffer that lives from the first of its parts on. */
    void join(UnplacedBuffer into, long at) {
        whole = into;
        shift = at;
        into.last = Math.max(into.last, last);
        into.lastReader = Math.max(into.lastReader, lastReader);
    }
}
