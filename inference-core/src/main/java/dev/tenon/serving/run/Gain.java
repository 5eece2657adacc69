package dev.tenon.serving.run;

/**
 * How the time of a row depends on the number of rows that run together, as runs have shown. It limits batches to the
 * smallest size that is about as fast as the best one, so that a model which gains nothing is not made to wait for mates.
 * Sizes share a class up to each power of two. Not thread-safe.
 */
public final class Gain {
    private static final int CLASSES = 17;
    /** A size is as good as the best one if its rows take at most this much longer. */
    private static final double AS_GOOD = 1.05;
    /** While so many batches wait, a size counts as better if its rows take at most this part of the time. */
    private static final double BETTER = 0.99;
    /** So many batches wait when rows a second count for more than the wait for mates. */
    private static final int DEEP = 4;
    /** One batch in this many tries a larger size than the best one. */
    private static final int TRIES = 256;
    /** The weight of a run that took longer than expected, and of one that took less. */
    private static final double SLOWER = 1 / 16.0;

    private static final double FASTER = 1 / 2.0;
    /** A run that took more than so many times as long as expected was held up, unless the next one was too. */
    private static final double HELD_UP = 1.5;

    private final double[] nanosOfRow = new double[CLASSES];
    /** Whether the last run of a class took far longer than expected. */
    private final boolean[] heldUp = new boolean[CLASSES];

    private long batches;

    /** Nothing is known yet. */
    public Gain() {}

    private static int classOf(int rows) {
        return Math.min(CLASSES - 1, Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, rows) - 1));
    }

    /**
     * Takes a run into account. A run is often slowed down by other work, and never sped up, so fast runs weigh more, and
     * a single one that took very long counts little.
     *
     * @param rows the rows of the run, at least 1
     * @param nanos how long it took
     */
    public void record(int rows, long nanos) {
        int c = classOf(rows);
        double known = nanosOfRow[c];
        double now = (double) nanos / Math.max(1, rows);
        boolean slow = known != 0 && now > HELD_UP * known;
        now = slow && !heldUp[c] ? HELD_UP * known : now;
        heldUp[c] = slow;
        nanosOfRow[c] = known == 0 ? now : known + (now - known) * (now < known ? FASTER : SLOWER);
    }

    /**
     * The most rows that the next batch should have: the smallest size that is about as good as the best one, and a larger
     * one that is a little better while many batches wait.
     *
     * @param maxRows the most that it may have, at least 1
     * @param waiting how many rows wait
     * @return 1 to the most
     */
    public int cap(int maxRows, int waiting) {
        int top = classOf(maxRows);
        if (nanosOfRow[0] == 0 || top == 0) {
            return maxRows;
        }
        double best = Double.MAX_VALUE;
        for (int c = 0; c <= top; c++) {
            if (nanosOfRow[c] != 0) {
                best = Math.min(best, nanosOfRow[c]);
            }
        }
        int chosen = 0;
        while (nanosOfRow[chosen] == 0 || nanosOfRow[chosen] > best * AS_GOOD) {
            chosen++;
        }
        for (int c = chosen + 1; c <= top && waiting >= DEEP << c; c++) {
            if (nanosOfRow[c] != 0 && nanosOfRow[c] < BETTER * nanosOfRow[chosen]) {
                chosen = c;
            }
        }
        return Math.min(maxRows, 1 << tried(chosen, Math.min(top, classOf(waiting))));
    }

    /**
     * How long a run is expected to take.
     *
     * @param rows its rows, at least 1
     * @return nanoseconds, 0 if runs of about this size were never measured
     */
    public double nanos(int rows) {
        return rows * nanosOfRow[classOf(rows)];
    }

    /**
     * The most rows that take at most a time, as far as is known. The size after the largest one that was measured
     * counts as short enough, so that it will be measured.
     *
     * @param limit the time in nanoseconds
     * @return a power of two, at least 1
     */
    public int rowsWithin(double limit) {
        int c = 0;
        while (c + 1 < CLASSES && nanosOfRow[c + 1] != 0 && nanosOfRow[c + 1] * (2L << c) <= limit) {
            c++;
        }
        return c + 1 < CLASSES && nanosOfRow[c + 1] == 0 ? 2 << c : 1 << c;
    }

    /**
     * A class that was never measured comes first; now and then another one is tried, since the machine may have changed.
     * Only classes are tried that the rows which wait can fill: fewer rows would tell nothing of them.
     */
    private int tried(int chosen, int top) {
        for (int c = chosen + 1; c <= top; c++) {
            if (nanosOfRow[c] == 0) {
                return c;
            }
        }
        batches++;
        int larger = top - chosen;
        return larger > 0 && batches % TRIES == 0 ? chosen + 1 + (int) (batches / TRIES % larger) : chosen;
    }
}
