package dev.tenon.serving.run;

import dev.tenon.serving.BatchOptions;
import dev.tenon.tensor.Datum;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Finds the group of a call: only calls of one group run together. Safe for any number of threads. */
public final class RowGroups {
    /** Above this number of shapes, what was learned about them is forgotten. */
    private static final int MAX_GROUPS = 4096;

    /** Null if nothing is merged. */
    private final Rows rows;

    private final int maxRows;
    private final boolean proofNeeded;
    private final Map<RowShape, RowGroup> groups = new ConcurrentHashMap<>();
    /** The group of the last call that waited; it learns from calls that do not wait, too. */
    private volatile RowGroup recent;

    /**
     * Groups of which nothing is known.
     *
     * @param rows the rows of the model; not used if the options merge nothing
     * @param options how calls are merged
     */
    public RowGroups(Rows rows, BatchOptions options) {
        this.rows = options.maxRows() == 1 ? null : rows;
        this.maxRows = options.maxRows();
        this.proofNeeded = !options.isWithinNumerics();
    }

    /**
     * The rows of a call.
     *
     * @param inputs the inputs of a call
     * @return the number, 1 if nothing is merged; less than 1 if this call can't be merged
     */
    public int count(Map<String, ? extends Datum> inputs) {
        return rows == null ? 1 : rows.count(inputs);
    }

    /**
     * The group in which a call waits.
     *
     * @param inputs the inputs of the call
     * @param count its rows, as {@link #count} tells them
     * @return the group, or null if the call runs alone
     */
    public RowGroup waiting(Map<String, ? extends Datum> inputs, int count) {
        RowGroup group = count < 0 || count >= maxRows ? null : of(inputs);
        // Most calls have the shapes of the one before: all threads read this, so it is written seldom.
        if (group != null && !group.equals(recent)) {
            recent = group;
        }
        return group;
    }

    /**
     * The group of the last call that waited, if a call has the same shapes.
     *
     * @param inputs the inputs of a call that has rows
     * @return the group, or null
     */
    public RowGroup recent(Map<String, ? extends Datum> inputs) {
        RowGroup last = recent;
        return last != null && rows.matches(last.shape, inputs) ? last : null;
    }

    /** The group of the shapes of a call that has rows. */
    RowGroup of(Map<String, ? extends Datum> inputs) {
        RowGroup last = recent(inputs);
        if (last != null) {
            return last;
        }
        if (groups.size() >= MAX_GROUPS) {
            groups.clear();
        }
        return groups.computeIfAbsent(rows.shape(inputs), shape -> new RowGroup(rows, shape, proofNeeded));
    }
}
