package dev.tenon.serving;

import dev.tenon.error.InvalidOptionException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * How one call is made: its deadline, its lane, its key, and what may cancel it. Immutable; each setter returns a new
 * object, which may be used for any number of calls.
 *
 * <pre>{@code
 * Call call = Call.standard().within(Duration.ofMillis(20)).lane(tenant);
 * }</pre>
 */
public final class Call {
    /** Times of a clock whose difference is twice as long still have an order: 73 years. */
    private static final long LONGEST_NANOS = Long.MAX_VALUE / 4;

    private static final Call STANDARD = new Call(Long.MAX_VALUE, "", null, null);

    private final long nanos;
    private final String lane;
    private final String key;
    private final Cancellation cancellation;

    private Call(long nanos, String lane, String key, Cancellation cancellation) {
        this.nanos = nanos;
        this.lane = lane;
        this.key = key;
        this.cancellation = cancellation;
    }

    /**
     * A call without deadline, key and cancellation, in the lane with the empty name.
     *
     * @return always the same
     */
    public static Call standard() {
        return STANDARD;
    }

    /**
     * Sets how long the call may take, from the moment at which it is made.
     *
     * @param limit the time, more than zero; above 73 years there is no deadline
     * @return a new call
     * @throws InvalidOptionException if the time is zero or negative
     */
    public Call within(Duration limit) {
        if (!Objects.requireNonNull(limit, "limit").isPositive()) {
            throw new InvalidOptionException("Call.within", limit.toString(), "more than 0", null);
        }
        long time = nanos(limit);
        return new Call(time == LONGEST_NANOS ? Long.MAX_VALUE : time, lane, key, cancellation);
    }

    /**
     * Sets the lane: a tenant, or a kind of work. The lane that was served the least is next, so that a lane with many
     * calls does not hold up the calls of others.
     *
     * @param name the name of the lane; a lane exists as long as calls of it wait
     * @return a new call
     */
    public Call lane(String name) {
        return new Call(nanos, Objects.requireNonNull(name, "name"), key, cancellation);
    }

    /**
     * Sets the key by which {@link dev.tenon.serving.versions.Route#byKey Route.byKey} chooses a version: a user, say, who then always gets the same one.
     *
     * @param text the key
     * @return a new call
     */
    public Call key(String text) {
        return new Call(nanos, lane, Objects.requireNonNull(text, "text"), cancellation);
    }

    /**
     * Sets what may end the call early.
     *
     * @param by ends this call when it is used
     * @return a new call
     */
    public Call cancelledBy(Cancellation by) {
        return new Call(nanos, lane, key, Objects.requireNonNull(by, "by"));
    }

    /** {@return how long the call may take, empty for no deadline} */
    public Optional<Duration> limit() {
        return nanos == Long.MAX_VALUE ? Optional.empty() : Optional.of(Duration.ofNanos(nanos));
    }

    /** {@return the name of the lane} */
    public String lane() {
        return lane;
    }

    /** {@return the key, empty for none} */
    public Optional<String> key() {
        return Optional.ofNullable(key);
    }

    /** {@return how long the call may take in nanoseconds, {@link Long#MAX_VALUE} for no deadline} */
    public long nanos() {
        return nanos;
    }

    /** {@return whether the call has a deadline} */
    public boolean hasDeadline() {
        return nanos != Long.MAX_VALUE;
    }

    /** {@return whether the call may end before it has outputs: it has a deadline, or {@link #cancelledBy} was used} */
    public boolean mayEndEarly() {
        return hasDeadline() || cancellation != null;
    }

    /** {@return whether the call was cancelled} */
    public boolean isCancelled() {
        return cancellation != null && cancellation.isCancelled();
    }

    /**
     * Runs an action when the call is cancelled, on the thread that cancels it; at once if it was cancelled already.
     *
     * @param action must be quick; it is kept until {@link #forget} is called with it
     */
    public void whenCancelled(Runnable action) {
        if (cancellation != null) {
            cancellation.tell(action);
        }
    }

    /**
     * Forgets an action that was not run.
     *
     * @param action as for {@link #whenCancelled}
     */
    public void forget(Runnable action) {
        if (cancellation != null) {
            cancellation.forget(action);
        }
    }

    /** A time that may be added to a time of a clock; one that is longer than {@link #LONGEST_NANOS} counts as so long. */
    static long nanos(Duration time) {
        return Math.min(LONGEST_NANOS, TimeUnit.NANOSECONDS.convert(time));
    }
}
