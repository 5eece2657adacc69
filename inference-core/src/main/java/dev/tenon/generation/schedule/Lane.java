package dev.tenon.generation.schedule;

import java.util.ArrayDeque;
import java.util.List;

/** The sequences of one lane that wait, and what the lane was served. Guarded by the lock of {@link StepLoop}. */
final class Lane {
    final String name;
    /** Those that gave their pages up come first, then those that never ran, the oldest first. */
    private final ArrayDeque<Sequence> waiting = new ArrayDeque<>();

    /** How many of its sequences hold pages. */
    int active;
    /** The tokens that were computed for it, as far as other lanes had as many; the lane with the fewest is next. */
    long served;

    Lane(String name) {
        this.name = name;
    }

    boolean isEmpty() {
        return active == 0 && waiting.isEmpty();
    }

    int waiting() {
        return waiting.size();
    }

    void addLast(Sequence s) {
        waiting.addLast(s);
    }

    void addFirst(Sequence s) {
        waiting.addFirst(s);
    }

    void remove(Sequence s) {
        waiting.remove(s);
    }

    /** The next one whose reader has room for more, or null. */
    Sequence next() {
        for (Sequence s : waiting) {
            if (!s.isPaused()) {
                return s;
            }
        }
        return null;
    }

    /** The newest one that never ran, or null. */
    Sequence newest() {
        Sequence last = waiting.peekLast();
        return last == null || last.begun ? null : last;
    }

    /** One whose thread waits, and may lead; or one without a thread; or null. */
    Sequence leader(boolean withThread) {
        for (Sequence s : waiting) {
            if (!s.isPaused() && (withThread ? s.waits && !s.needsOwner() : s.waiter == null)) {
                return s;
            }
        }
        return null;
    }

    /** Adds all that wait. */
    void addTo(List<Sequence> all) {
        all.addAll(waiting);
    }
}
