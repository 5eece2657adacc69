package dev.tenon.benchmarks.decoder;

import java.util.List;

/** An engine that continues prompts with the likeliest tokens. */
interface Writer extends AutoCloseable {
    /** The most tokens of a text, prompt included. */
    int CONTEXT = 1280;

    /**
     * The time of some texts that were written together.
     *
     * @param first nanoseconds until each of them had its first token
     * @param others nanoseconds of all other tokens
     */
    record Time(double first, double others) {
        /** The time of what never ended. */
        static final Time NEVER = new Time(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);

        /** {@return the least of both parts} */
        Time least(Time other) {
            return new Time(Math.min(first, other.first), Math.min(others, other.others));
        }
    }

    /**
     * Continues prompts, all together.
     *
     * @param prompts the prompts
     * @param tokens the tokens of each text
     * @return the time
     */
    Time write(List<int[]> prompts, int tokens);

    @Override
    void close();
}
