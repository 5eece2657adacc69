package dev.tenon.hub;

import java.time.Duration;

/** A request failed for a reason that may pass. */
final class TransientException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Duration wait;

    /**
     * A failure.
     *
     * @param failure what is thrown if it does not pass
     * @param wait how long the server asks to wait; zero if it does not
     */
    TransientException(HubException failure, Duration wait) {
        super(failure.getMessage(), failure);
        this.wait = wait;
    }

    HubException failure() {
        return (HubException) getCause();
    }

    Duration pause() {
        return wait;
    }
}
