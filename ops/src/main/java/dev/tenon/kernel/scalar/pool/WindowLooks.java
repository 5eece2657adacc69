package dev.tenon.kernel.scalar.pool;

import dev.tenon.budget.WorkBudget;

/** Looks at the budget between the elements of windows: windows may be as large as the input. */
final class WindowLooks {
    /** The elements between two looks: less than a millisecond in compiled code. */
    private static final long ELEMENTS = 1 << 16;

    private WindowLooks() {}

    /**
     * Looks at the budget if it is time.
     *
     * @param elements the elements since the last look
     * @return the elements since the last look from now on
     */
    static long after(long elements) {
        if (elements < ELEMENTS) {
            return elements;
        }
        WorkBudget.check();
        return 0;
    }
}
