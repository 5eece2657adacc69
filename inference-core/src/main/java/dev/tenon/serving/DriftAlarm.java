package dev.tenon.serving;

/**
 * A value is not distributed as in the reference.
 *
 * @param monitor the name of the monitor
 * @param value the input or output, with the number of the column if it has several: {@code x[3]}
 * @param test the test that has found it
 * @param statistic the number that was found
 * @param limit the largest number that is no drift
 * @param rows how many rows the monitor had seen then
 */
public record DriftAlarm(String monitor, String value, Test test, double statistic, double limit, long rows) {
    /** How a window is compared with the reference. */
    public enum Test {
        /** The population stability index of ten parts of the reference, or of its categories. */
        PSI,
        /** The distance of Kolmogorov and Smirnov. */
        KS,
        /** The share of NaN, or of empty strings. */
        MISSING,
        /** The number of values beyond the largest or the smallest of the reference. */
        RANGE,
        /** The number of categories that the reference does not have. */
        UNSEEN,
        /** The change of the mean of a score, relative to the range of the reference, by ADWIN. */
        ADWIN
    }
}
