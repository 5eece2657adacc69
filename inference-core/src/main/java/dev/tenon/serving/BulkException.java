package dev.tenon.serving;

import dev.tenon.error.TenonException;

/** An item of a {@link dev.tenon.serving.bulk.Bulk Bulk} run failed, and the run ended. {@link #report} tells where to go on. */
public final class BulkException extends TenonException {
    private static final long serialVersionUID = 1L;

    /** The run until its end. */
    private final transient BulkReport report;

    /**
     * Makes a failure.
     *
     * @param thing the item
     * @param found why it failed
     * @param allowed what is allowed, or null to leave it out of the message
     * @param cause the failure underneath
     * @param report the run until its end
     */
    public BulkException(String thing, String found, String allowed, Throwable cause, BulkReport report) {
        super(thing, found, allowed, "correct the item, or use Bulk.onError(SKIP)", cause);
        this.report = report;
    }

    /** {@return the run until its end; null after serialization} */
    public BulkReport report() {
        return report;
    }
}
