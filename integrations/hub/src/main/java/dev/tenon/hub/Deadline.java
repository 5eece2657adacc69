package dev.tenon.hub;

import dev.tenon.hub.HubException.Reason;
import java.time.Duration;

/**
 * The end of the time of one call.
 *
 * @param limit the whole time
 * @param start when the call began, of {@link System#nanoTime}
 */
record Deadline(Duration limit, long start) {
    /** A deadline from now on. */
    static Deadline of(HubOptions options) {
        return new Deadline(options.timeLimit(), System.nanoTime());
    }

    /** The time left, which is more than zero. */
    Duration left(String thing) {
        Duration left = limit.minusNanos(System.nanoTime() - start);
        if (left.isNegative() || left.isZero()) {
            throw new HubException(
                    Reason.TIME,
                    thing,
                    "not there after " + limit.toMillis() + " ms",
                    "the time of HubOptions.timeLimit",
                    "call again, which goes on where this call ended, or give it more time");
        }
        return left;
    }

    /** A time, or the time left if that is less. */
    Duration atMost(Duration time, String thing) {
        Duration left = left(thing);
        return left.compareTo(time) < 0 ? left : time;
    }

    /** Waits. */
    void sleep(Duration time, String thing) {
        try {
            Thread.sleep(atMost(time, thing));
        } catch (InterruptedException e) {
            throw interrupted(thing, e);
        }
    }

    static HubException interrupted(String thing, Exception e) {
        Thread.currentThread().interrupt();
        return new HubException(
                Reason.INTERRUPTED,
                thing,
                "the thread was interrupted",
                null,
                "call again, which goes on where this call ended",
                e);
    }
}
