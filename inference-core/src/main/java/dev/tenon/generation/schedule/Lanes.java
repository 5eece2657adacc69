package dev.tenon.generation.schedule;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The lanes that have sequences: which of them is next. Guarded by the lock of {@link StepLoop}. */
final class Lanes {
    private final Map<String, Lane> lanes = new LinkedHashMap<>();
    private int waiting;

    /** The lane of a name. A new one has been served as much as the one that was served the least. */
    Lane of(String name) {
        Lane lane = lanes.get(name);
        if (lane == null) {
            lane = new Lane(name);
            lane.served = lanes.values().stream().mapToLong(l -> l.served).min().orElse(0);
            lanes.put(name, lane);
        }
        return lane;
    }

    /** Forgets a lane without sequences. */
    void forgetIfEmpty(Lane lane) {
        if (lane.isEmpty()) {
            lanes.remove(lane.name);
        }
    }

    int waiting() {
        return waiting;
    }

    void add(Sequence s, boolean first) {
        waiting++;
        if (first) {
            s.lane.addFirst(s);
        } else {
            s.lane.addLast(s);
        }
    }

    void remove(Sequence s) {
        waiting--;
        s.lane.remove(s);
    }

    /** The next sequence that could run: of the lane that was served the least. Null if there is none. */
    Sequence next() {
        Sequence best = null;
        for (Lane lane : lanes.values()) {
            Sequence s = best == null || lane.served < best.lane.served ? lane.next() : null;
            best = s == null ? best : s;
        }
        return best;
    }

    /**
     * Finds the sequence that loses its place to one more of a lane: the newest that never ran, of the lane where the most wait. Null for
     * none.
     */
    Sequence crowdedOutBy(Lane lane) {
        Lane largest = null;
        for (Lane other : lanes.values()) {
            if (largest == null || other.waiting() > largest.waiting()) {
                largest = other;
            }
        }
        return largest == null || largest.waiting() <= lane.waiting() + 1 ? null : largest.newest();
    }

    /** A sequence that waits for pages, and whose thread waits too, or that has no thread; or null. */
    Sequence leader(boolean withThread) {
        for (Lane lane : lanes.values()) {
            Sequence s = lane.leader(withThread);
            if (s != null) {
                return s;
            }
        }
        return null;
    }

    /** All that wait. */
    List<Sequence> all() {
        List<Sequence> all = new ArrayList<>();
        Collection<Lane> each = lanes.values();
        each.forEach(lane -> lane.addTo(all));
        return all;
    }
}
