package dev.tenon.kernel;

import java.lang.foreign.MemorySegment;

/**
 * A kernel on lines of float32 that lie one behind the other, each of which makes as many results as any other: it can
 * work on a few of them wherever they lie, so that others may put them together in memory that stays near.
 */
public interface RowKernel extends Kernel {
    /**
     * The number of lines.
     *
     * @return at least 0
     */
    long lines();

    /**
     * The elements of a line.
     *
     * @return at least 0
     */
    long elements();

    /**
     * The results that a line makes.
     *
     * @return at least 0
     */
    long results();

    /**
     * Computes the results of some lines, with the bits that {@link Kernel#run} gives them.
     *
     * @param x where the lines lie; where results are as many as elements it may be the memory of the results, if the
     *     lines lie where their results will
     * @param xAt the byte at which line {@code first} starts
     * @param y the results of all lines
     * @param first the first line
     * @param last the line after the last
     * @param scratch as {@link Kernel#run} takes it
     */
    void run(MemorySegment x, long xAt, MemorySegment y, long first, long last, MemorySegment scratch);
}
