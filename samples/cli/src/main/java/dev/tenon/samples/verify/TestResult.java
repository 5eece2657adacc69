package dev.tenon.samples.verify;

/**
 * The result of a test.
 *
 * @param name the category and the name of the test
 * @param status whether it passed
 * @param reason the reason why it did not pass; empty if it passed
 * @param nanos the time that it took
 */
public record TestResult(String name, Status status, String reason, long nanos) {
    /** The possible results. */
    public enum Status {
        /** All outputs agree. */
        PASS,
        /** An output differs, or there was an error other than {@link #UNSUPPORTED}. */
        FAIL,
        /** The model needs an operator or a feature that Tenon does not have. */
        UNSUPPORTED
    }

    /**
     * The result as a line of text.
     *
     * @return status, name and reason
     */
    public String line() {
        return status + " " + name + (reason.isEmpty() ? "" : ": " + reason.replaceAll("\\s+", " "));
    }
}
