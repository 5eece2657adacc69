package dev.tenon;

import dev.tenon.error.InvalidTensorException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * How a session runs. Immutable; each method gives new options.
 */
public final class SessionOptions {
    private static final SessionOptions STANDARD = new SessionOptions(
            Runtime.getRuntime().availableProcessors(),
            Long.MAX_VALUE,
            null,
            10_000_000,
            64L << 20,
            true,
            NumericsMode.STANDARD,
            null);

    private final int threads;
    private final long maxTensorBytes;
    private final Duration timeLimit;
    private final long maxRounds;
    private final long planCacheBytes;
    private final boolean optimize;
    private final NumericsMode numerics;
    private final Path tuning;

    private SessionOptions(
            int threads,
            long maxTensorBytes,
            Duration timeLimit,
            long maxRounds,
            long planCacheBytes,
            boolean optimize,
            NumericsMode numerics,
            Path tuning) {
        this.threads = threads;
        this.maxTensorBytes = maxTensorBytes;
        this.timeLimit = timeLimit;
        this.maxRounds = maxRounds;
        this.planCacheBytes = planCacheBytes;
        this.optimize = optimize;
        this.numerics = numerics;
        this.tuning = tuning;
    }

    /**
     * The standard options: as many threads as the JVM has processors, no time limit, 10,000,000 rounds.
     *
     * @return the options
     */
    public static SessionOptions standard() {
        return STANDARD;
    }

    /**
     * Sets how many threads may work on one call, the calling thread included. Results do not depend on it.
     *
     * @param count at least 1; 1 keeps all work on the calling thread
     * @return new options
     */
    public SessionOptions threads(int count) {
        if (count < 1) {
            throw new InvalidTensorException("SessionOptions.threads", Integer.toString(count), "1 or more", null);
        }
        return new SessionOptions(
                count, maxTensorBytes, timeLimit, maxRounds, planCacheBytes, optimize, numerics, tuning);
    }

    /**
     * Sets the largest size of any one value of a call.
     *
     * @param bytes the size in bytes
     * @return new options
     */
    public SessionOptions maxTensorBytes(long bytes) {
        return new SessionOptions(threads, bytes, timeLimit, maxRounds, planCacheBytes, optimize, numerics, tuning);
    }

    /**
     * Sets how long a call may take, to plan for input shapes that are new not counted. The time is looked at between
     * steps, so a call may end a step later.
     *
     * @param limit the limit, or null for none
     * @return new options
     */
    public SessionOptions timeLimit(Duration limit) {
        return new SessionOptions(
                threads, maxTensorBytes, limit, maxRounds, planCacheBytes, optimize, numerics, tuning);
    }

    /**
     * Sets how many rounds of {@code Loop}, {@code Scan} and {@code SequenceMap} and how many branches of {@code If} a call
     * may run, all of them together. It is what ends a loop that has no end where no time limit does: a call that asks for
     * one more fails with a {@link dev.tenon.error.ResourceLimitException}.
     *
     * @param count at least 1; {@link Long#MAX_VALUE} for no limit
     * @return new options
     */
    public SessionOptions maxRounds(long count) {
        if (count < 1) {
            throw new InvalidTensorException("SessionOptions.maxRounds", Long.toString(count), "1 or more", null);
        }
        return new SessionOptions(
                threads, maxTensorBytes, timeLimit, count, planCacheBytes, optimize, numerics, tuning);
    }

    /**
     * Sets about how much heap plans for different input shapes may take before the least recently used are dropped.
     *
     * @param bytes the size in bytes
     * @return new options
     */
    public SessionOptions planCacheBytes(long bytes) {
        return new SessionOptions(threads, maxTensorBytes, timeLimit, maxRounds, bytes, optimize, numerics, tuning);
    }

    /**
     * Sets whether the graph is optimised before it runs.
     *
     * @param on false to run the graph as it was read
     * @return new options
     */
    public SessionOptions optimize(boolean on) {
        return new SessionOptions(threads, maxTensorBytes, timeLimit, maxRounds, planCacheBytes, on, numerics, tuning);
    }

    /**
     * Sets how closely results keep to the operators of the model. By default a convolution with windows of 3 x 3 may be
     * computed in a way whose errors are relative to the largest elements near by, which matters where an input holds
     * elements of very different magnitudes, or infinite ones, side by side: {@link NumericsMode#STRICT} rules that out, and
     * all rewrites that round otherwise.
     *
     * @param mode the mode
     * @return new options
     */
    public SessionOptions numerics(NumericsMode mode) {
        return new SessionOptions(
                threads,
                maxTensorBytes,
                timeLimit,
                maxRounds,
                planCacheBytes,
                optimize,
                Objects.requireNonNull(mode, "mode"),
                tuning);
    }

    /**
     * Sets a file for the sizes of blocks that were fastest on this CPU. Where it says nothing of a kernel and shape, a few
     * sizes around those that follow from the caches are measured when a call first comes with such inputs, by
     * {@link Session#warmUp}, or by {@link Model#session} for shapes that a package was saved with; and the fastest is kept
     * in the file. That takes about half a second for each kernel and shape, or two runs of the kernel on one thread where
     * these take longer, once; {@link #timeLimit} does not count it. Kernels that take too long for several sizes to be
     * measured stay as the caches have them. An interrupt ends the measuring, and the call.
     *
     * <p>Results have the same bits with it and without. Only what can be planned before a call is measured, no bodies of
     * loops and branches, and nothing for {@link Session#steps}, {@link Session#types} and {@link Session#explain}. Calls
     * with shapes that are planned for do not wait for others that are measured. Files of several CPUs are one file;
     * sessions and processes may share it. Of processes that write at the very same time the last one wins, and what it did
     * not know is measured again.
     *
     * @param file the file, made when there is something to keep; null to measure nothing, to read and to write no file
     * @return new options, with which {@link Model#session} throws a {@link TuningFileException} if the file can't be read
     *     or is damaged or of another kind
     */
    public SessionOptions tuning(Path file) {
        return new SessionOptions(
                threads, maxTensorBytes, timeLimit, maxRounds, planCacheBytes, optimize, numerics, file);
    }

    /**
     * How many threads may work on one call.
     *
     * @return at least 1
     */
    public int threads() {
        return threads;
    }

    /**
     * The largest size of any one value.
     *
     * @return bytes
     */
    public long maxTensorBytes() {
        return maxTensorBytes;
    }

    /**
     * How long a call may take.
     *
     * @return the limit, or null for none
     */
    public Duration timeLimit() {
        return timeLimit;
    }

    /**
     * How many rounds and branches a call may run.
     *
     * @return the limit, at least 1
     */
    public long maxRounds() {
        return maxRounds;
    }

    /**
     * About how much heap plans may take.
     *
     * @return bytes
     */
    public long planCacheBytes() {
        return planCacheBytes;
    }

    /**
     * Whether the graph is optimised.
     *
     * @return true if it is
     */
    public boolean optimize() {
        return optimize;
    }

    /**
     * How closely results keep to the operators of the model.
     *
     * @return the mode
     */
    public NumericsMode numerics() {
        return numerics;
    }

    /**
     * The file for the sizes of blocks that were fastest.
     *
     * @return the file, or null if nothing is measured
     */
    public Path tuning() {
        return tuning;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof SessionOptions s
                && threads == s.threads
                && maxTensorBytes == s.maxTensorBytes
                && Objects.equals(timeLimit, s.timeLimit)
                && maxRounds == s.maxRounds
                && planCacheBytes == s.planCacheBytes
                && optimize == s.optimize
                && numerics == s.numerics
                && Objects.equals(tuning, s.tuning);
    }

    @Override
    public int hashCode() {
        return Objects.hash(threads, maxTensorBytes, timeLimit, maxRounds, planCacheBytes, optimize, numerics, tuning);
    }
}
