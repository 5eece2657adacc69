package dev.tenon.budget;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How much work is allowed, and which options raise it.
 *
 * @param nanos the longest time, nanoseconds; {@link Long#MAX_VALUE} for no limit
 * @param operations the largest number of operations; {@link Long#MAX_VALUE} for no limit. An operation is an element
 *     that a reference reads or writes, a node that is looked at, or a nanosecond that a kernel is expected to take
 * @param timeOption the option that sets the time, for messages
 * @param operationsOption the option that sets the number of operations, for messages
 * @param objectBytes the most bytes of texts and of tensors of sequences that the reference of one step makes; {@link Long#MAX_VALUE} for no limit
 * @param objectOption the option that sets these bytes, for messages
 */
public record WorkLimits(
        long nanos,
        long operations,
        String timeOption,
        String operationsOption,
        long objectBytes,
        String objectOption) {
    /**
     * Limits without one of objects.
     *
     * @param nanos the longest time, nanoseconds
     * @param operations the largest number of operations
     * @param timeOption the option that sets the time
     * @param operationsOption the option that sets the number of operations
     */
    public WorkLimits(long nanos, long operations, String timeOption, String operationsOption) {
        this(nanos, operations, timeOption, operationsOption, Long.MAX_VALUE, "");
    }

    /**
     * The limits of some options.
     *
     * @param time the longest time; null for no limit
     * @param operations the largest number of operations; {@link Long#MAX_VALUE} for no limit
     * @param timeOption the option that sets the time
     * @param operationsOption the option that sets the number of operations
     * @return the limits
     */
    public static WorkLimits of(Duration time, long operations, String timeOption, String operationsOption) {
        long nanos = time == null ? Long.MAX_VALUE : TimeUnit.NANOSECONDS.convert(time);
        return new WorkLimits(nanos, operations, timeOption, operationsOption);
    }

    /**
     * These limits with any time.
     *
     * @return limits of the operations alone
     */
    public WorkLimits withoutTime() {
        return withTime(Long.MAX_VALUE, timeOption);
    }

    /**
     * These limits with another time.
     *
     * @param longest the longest time, nanoseconds
     * @param option the option that sets it
     * @return other limits
     */
    public WorkLimits withTime(long longest, String option) {
        return new WorkLimits(longest, operations, option, operationsOption, objectBytes, objectOption);
    }

    /**
     * These limits with another one of objects.
     *
     * @param bytes the most bytes of texts and of tensors of sequences that the reference of one step makes
     * @param option the option that sets it
     * @return other limits
     */
    public WorkLimits withObjects(long bytes, String option) {
        return new WorkLimits(nanos, operations, timeOption, operationsOption, bytes, option);
    }
}
