package dev.tenon.samples.verify;

/**
 * How a test ended.
 *
 * @param name its category and name
 * @param status how it ended
 * @param reason why it did not pass, empty if it did
 * @param nanos how long it took
 */
public record TestResult(String name, Status status, String reason, long nanos) {
    /** How a test can end. */
    public enum Status {
        /** All outputs agree. */
        PASS,
        /** It could be loaded but not run, or an output differs. */
        FAIL,
        /** The model needs what Tenon does not have. */
        UNSUPPORTED
    }

    /**
     * The line that is printed.
     *
     * @return status, name and reason
     */
    public String line() {
        return status + " " + name + (reason.isEmpty() ? "" : ": " + reason.replaceAll("\\s+", " "));
    }
}
