package dev.tenon.serving.batch;

import dev.tenon.serving.run.RowGroup;
import java.util.List;

/** Requests that run together, in a slot of their own. */
final class Batch {
    private final List<Request> members;
    private final RowGroup group;
    private final int rows;
    private final double nanos;
    /** Whether its slot is free again; guarded by the lock of {@link Admission}. */
    boolean released;

    /**
     * Requests that run together, under the lock of {@link Admission}.
     *
     * @param members at least one
     * @param group their shapes, or null if nothing is merged
     * @param rows their rows, at least 1
     */
    Batch(List<Request> members, RowGroup group, int rows) {
        this.members = members;
        this.group = group;
        this.rows = rows;
        this.nanos = group == null ? 0 : group.gain.nanos(rows);
    }

    List<Request> members() {
        return members;
    }

    RowGroup group() {
        return group;
    }

    /** Their rows, at least 1. */
    int rows() {
        return rows;
    }

    /** Whether it is known to end within a time, and needs no comparison first. */
    boolean isShorterThan(long limit) {
        return nanos > 0 && nanos < limit && isProven();
    }

    private boolean isProven() {
        if (group.isRefused() || !group.isProven(rows)) {
            return false;
        }
        if (rows == members.size()) {
            // Each has one row, which needs no proof.
            return true;
        }
        for (Request r : members) {
            if (!group.isProven(r.rows)) {
                return false;
            }
        }
        return true;
    }

    /** Makes the waiting thread with the latest deadline the leader. Returns its request, or null if no thread waits. */
    Request chooseLeader() {
        while (true) {
            Request latest = null;
            for (Request r : members) {
                if (r.waiter != null && !r.hasEnded() && (latest == null || r.endsAfter(latest))) {
                    latest = r;
                }
            }
            if (latest == null || latest.lead(this)) {
                return latest;
            }
        }
    }

    /** Whether a thread waits for any of its calls. */
    boolean hasWaiter() {
        for (Request r : members) {
            if (r.waiter != null) {
                return true;
            }
        }
        return false;
    }
}
