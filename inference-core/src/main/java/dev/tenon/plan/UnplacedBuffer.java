package dev.tenon.plan;

import java.util.ArrayList;
import java.util.List;

/** A buffer of an unfinished plan: its lifetime is growing, and it has no place in the arena. For one thread. */
final class UnplacedBuffer {
    final long bytes;
    /** The step that writes it first; -1 for inputs of the graph. */
    final int first;
    /** The last step so far that uses it. */
    int last;
    /** Whether a step may write over it once no node reads it any more. */
    final boolean reusable;

    /** The index of the last node that reads a value in it. */
    int lastReader = -1;

    /** Whether it is the memory of a state, which the caller gives. */
    boolean isState;

    /** Whether a step writes the new value of the state. */
    boolean isWritten;

    /** The buffer that this one has become a part of, or null. */
    UnplacedBuffer whole;

    /** Where it begins in {@link #whole}, in bytes. */
    long shift;

    UnplacedBuffer(long bytes, int first, boolean reusable) {
        this.bytes = bytes;
        this.first = first;
        this.last = first;
        this.reusable = reusable;
    }

    /** Whether it has the value of a state before the call. */
    boolean keepsOldState() {
        return isState && !isWritten;
    }

    /** The buffer that is placed: this one, or the outermost one that it is a part of. */
    UnplacedBuffer root() {
        shorten();
        return whole == null ? this : whole;
    }

    /** Where it begins in the root, in bytes. */
    long shiftInRoot() {
        shorten();
        return whole == null ? 0 : shift;
    }

    /** Makes this buffer, and all those that it is a part of, parts of the root itself: long chains become short. */
    private void shorten() {
        if (whole == null || whole.whole == null) {
            return;
        }
        List<UnplacedBuffer> chain = new ArrayList<>();
        for (UnplacedBuffer b = this; b.whole != null; b = b.whole) {
            chain.add(b);
        }
        UnplacedBuffer root = chain.getLast().whole;
        long sum = 0;
        for (UnplacedBuffer b : chain.reversed()) {
            sum += b.shift;
            b.shift = sum;
            b.whole = root;
        }
    }

    /** Makes this buffer a part of another, which lives as long as its parts. */
    void join(UnplacedBuffer into, long at) {
        whole = into;
        shift = at;
        into.last = Math.max(into.last, last);
        into.lastReader = Math.max(into.lastReader, lastReader);
    }
}
