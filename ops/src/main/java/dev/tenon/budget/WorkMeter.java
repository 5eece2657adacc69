package dev.tenon.budget;

/**
 * Counts accesses to elements of tensors for a {@link WorkBudget}. The tensors that a reference reads and writes have
 * it while the reference runs. A tensor that outlives the reference drops it at its next access.
 *
 * <p>Not synchronised: the thread of the budget counts. A thread that still has a tensor of an ended meter may make the
 * count wrong, which does no harm.
 */
public final class WorkMeter {
    /** Null when the meter has ended. */
    private volatile WorkBudget budget;

    private int left = WorkBudget.OPERATIONS_BETWEEN_LOOKS;

    WorkMeter(WorkBudget budget) {
        this.budget = budget;
    }

    /**
     * Counts one access.
     *
     * @return false if the meter has ended, and nothing is to be counted any more
     */
    public boolean tick() {
        return --left > 0 || refill(WorkBudget.OPERATIONS_BETWEEN_LOOKS);
    }

    /**
     * Counts several operations.
     *
     * @param operations how many, at least 0
     * @return false if the meter has ended
     */
    public boolean tick(long operations) {
        if (operations < left) {
            left -= (int) operations;
            return true;
        }
        return refill(Math.max(operations, WorkBudget.OPERATIONS_BETWEEN_LOOKS));
    }

    /**
     * Counts objects that are made: texts, or tensors of a sequence.
     *
     * @param bytes the memory that they take, at least 0
     * @return false if the meter has ended
     */
    public boolean objects(long bytes) {
        WorkBudget b = budget;
        if (b == null) {
            return false;
        }
        b.countObjects(bytes);
        return tick(bytes / Long.BYTES);
    }

    private boolean refill(long operations) {
        WorkBudget b = budget;
        if (b == null) {
            left = 0;
            return false;
        }
        left = WorkBudget.OPERATIONS_BETWEEN_LOOKS;
        b.count(operations);
        return true;
    }

    /** Ends the meter. Returns the operations since it counted for its budget last. */
    int end() {
        int counted = WorkBudget.OPERATIONS_BETWEEN_LOOKS - Math.clamp(left, 0, WorkBudget.OPERATIONS_BETWEEN_LOOKS);
        budget = null;
        left = 0;
        return counted;
    }
}
