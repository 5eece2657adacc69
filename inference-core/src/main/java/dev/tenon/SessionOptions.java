package dev.tenon;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.TuningFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Options of a session. Immutable and safe for any number of threads; each setter returns new options.
 *
 * <pre>{@code
 * Session session = model.session(SessionOptions.standard().threads(1).timeLimit(Duration.ofSeconds(1)));
 * }</pre>
 */
public final class SessionOptions {
    private static final long STANDARD_ITERATIONS = 10_000_000;
    private static final long STANDARD_PLAN_CACHE_BYTES = 64L << 20;

    private static final SessionOptions STANDARD = new SessionOptions(
            Runtime.getRuntime().availableProcessors(),
            new Bounds(Long.MAX_VALUE, null, STANDARD_ITERATIONS, STANDARD_PLAN_CACHE_BYTES),
            true,
            NumericsMode.STANDARD,
            Precision.FP32,
            null);

    /** The limits of a call and of cached plans. The time limit is null for none. */
    private record Bounds(long maxTensorBytes, Duration timeLimit, long maxIterations, long planCacheBytes) {}

    private final int threads;
    private final Bounds bounds;
    private final boolean optimize;
    private final NumericsMode numerics;
    private final Precision precision;
    /** Null if nothing is measured. */
    private final Path tuning;

    private SessionOptions(
            int threads, Bounds bounds, boolean optimize, NumericsMode numerics, Precision precision, Path tuning) {
        this.threads = threads;
        this.bounds = bounds;
        this.optimize = optimize;
        this.numerics = numerics;
        this.precision = precision;
        this.tuning = tuning;
    }

    private SessionOptions with(Bounds changed) {
        return new SessionOptions(threads, changed, optimize, numerics, precision, tuning);
    }

    /**
     * The standard options: as many threads as the JVM has processors, no time limit, 10,000,000 iterations.
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
     * @throws InvalidOptionException if the count is less than 1
     */
    public SessionOptions threads(int count) {
        if (count < 1) {
            throw new InvalidOptionException("SessionOptions.threads", Integer.toString(count), "1 or more", null);
        }
        return new SessionOptions(count, bounds, optimize, numerics, precision, tuning);
    }

    /**
     * Sets the largest size of any one value of a call.
     *
     * @param bytes the size in bytes, at least 0
     * @return new options
     * @throws InvalidOptionException if the size is negative
     */
    public SessionOptions maxTensorBytes(long bytes) {
        if (bytes < 0) {
            throw new InvalidOptionException("SessionOptions.maxTensorBytes", bytes + " bytes", "0 or more", null);
        }
        return with(new Bounds(bytes, bounds.timeLimit, bounds.maxIterations, bounds.planCacheBytes));
    }

    /**
     * Sets how long a call may take. Planning for new input shapes does not count. The time is checked between steps,
     * so that a call may end one step late.
     *
     * @param limit the limit, at least zero
     * @return new options
     * @throws InvalidOptionException if the limit is negative
     */
    public SessionOptions timeLimit(Duration limit) {
        if (Objects.requireNonNull(limit, "limit").isNegative()) {
            throw new InvalidOptionException("SessionOptions.timeLimit", limit.toString(), "0 or more", null);
        }
        return with(new Bounds(bounds.maxTensorBytes, limit, bounds.maxIterations, bounds.planCacheBytes));
    }

    /**
     * Removes the time limit.
     *
     * @return new options
     */
    public SessionOptions noTimeLimit() {
        return with(new Bounds(bounds.maxTensorBytes, null, bounds.maxIterations, bounds.planCacheBytes));
    }

    /**
     * Sets how many iterations of {@code Loop}, {@code Scan} and {@code SequenceMap} and how many branches of
     * {@code If} a call may run, all of them together. A call that needs one more fails with a
     * {@link dev.tenon.error.ResourceLimitException}. This ends an infinite loop where no time limit does.
     *
     * @param count at least 1; {@link Long#MAX_VALUE} for no limit
     * @return new options
     * @throws InvalidOptionException if the count is less than 1
     */
    public SessionOptions maxIterations(long count) {
        if (count < 1) {
            throw new InvalidOptionException("SessionOptions.maxIterations", Long.toString(count), "1 or more", null);
        }
        return with(new Bounds(bounds.maxTensorBytes, bounds.timeLimit, count, bounds.planCacheBytes));
    }

    /**
     * Sets about how much heap the plans for different input shapes may take. Above it the least recently used plans
     * are dropped.
     *
     * @param bytes the size in bytes, at least 0
     * @return new options
     * @throws InvalidOptionException if the size is negative
     */
    public SessionOptions planCacheBytes(long bytes) {
        if (bytes < 0) {
            throw new InvalidOptionException("SessionOptions.planCacheBytes", bytes + " bytes", "0 or more", null);
        }
        return with(new Bounds(bounds.maxTensorBytes, bounds.timeLimit, bounds.maxIterations, bytes));
    }

    /**
     * Sets whether the graph is optimised before it runs.
     *
     * @param on false to run the graph as it was read
     * @return new options
     */
    public SessionOptions optimize(boolean on) {
        return new SessionOptions(threads, bounds, on, numerics, precision, tuning);
    }

    /**
     * Sets how closely results follow the operators of the model. In the standard mode a convolution with windows of 3
     * x 3 may be computed by an algorithm whose errors are relative to the largest elements near by. This matters where
     * an input has elements of very different magnitudes, or infinite ones, side by side. {@link NumericsMode#STRICT}
     * rules this algorithm out, and all rewrites that round differently.
     *
     * @param mode the mode
     * @return new options
     */
    public SessionOptions numerics(NumericsMode mode) {
        return new SessionOptions(threads, bounds, optimize, Objects.requireNonNull(mode, "mode"), precision, tuning);
    }

    /**
     * Sets the numbers with which products with constant weights are computed. Anything but {@link Precision#FP32} changes
     * results, and needs {@link #optimize} and {@link NumericsMode#STANDARD}.
     *
     * @param numbers the precision
     * @return new options. {@link Model#session} throws an {@link InvalidOptionException} if they do not go together
     */
    public SessionOptions precision(Precision numbers) {
        return new SessionOptions(
                threads, bounds, optimize, numerics, Objects.requireNonNull(numbers, "numbers"), tuning);
    }

    /**
     * Measures which block sizes of kernels are fastest on this CPU, and keeps them in a file. A block size is measured
     * when the file does not have it for a kernel and shape. This happens when a call has new input shapes, in
     * {@link Session#warmUp}, and in {@link Model#session} for the shapes that a package was saved with. Each kernel
     * and shape takes about half a second, once; a kernel that runs longer than that takes the time of two runs on one
     * thread. {@link #timeLimit} does not count it. A kernel that is too slow to measure several sizes keeps the size
     * that follows from the caches. An interrupt ends the measurement and the call.
     *
     * <p>Results have the same bits with and without tuning. Bodies of loops and branches are not measured, because
     * they are planned during a call. Nothing is measured for {@link Session#inspect}. Calls whose shapes are already
     * planned do not wait for a measurement. A file may hold the sizes of several CPUs, and several sessions and
     * processes may share it. If two processes write at the same moment, the last one wins; the sizes of the other are
     * measured again.
     *
     * @param file the file, created when there is something to keep
     * @return new options. {@link Model#session} throws a {@link TuningFileException} if the file can't be read, is
     *     damaged or is of another kind
     */
    public SessionOptions tuning(Path file) {
        return new SessionOptions(threads, bounds, optimize, numerics, precision, Objects.requireNonNull(file, "file"));
    }

    /**
     * Measures nothing, and reads and writes no tuning file.
     *
     * @return new options
     */
    public SessionOptions noTuning() {
        return new SessionOptions(threads, bounds, optimize, numerics, precision, null);
    }

    /**
     * How many threads may work on one call, the calling thread included.
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
        return bounds.maxTensorBytes;
    }

    /**
     * How long a call may take.
     *
     * @return the limit, empty for none
     */
    public Optional<Duration> timeLimit() {
        return Optional.ofNullable(bounds.timeLimit);
    }

    /**
     * How many iterations of loops and how many branches a call may run.
     *
     * @return the limit, at least 1
     */
    public long maxIterations() {
        return bounds.maxIterations;
    }

    /**
     * About how much heap plans may take.
     *
     * @return bytes
     */
    public long planCacheBytes() {
        return bounds.planCacheBytes;
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
     * How closely results follow the operators of the model.
     *
     * @return the mode
     */
    public NumericsMode numerics() {
        return numerics;
    }

    /**
     * The numbers with which products with constant weights are computed.
     *
     * @return the precision
     */
    public Precision precision() {
        return precision;
    }

    /**
     * The file for the block sizes that were fastest.
     *
     * @return the file, empty if nothing is measured
     */
    public Optional<Path> tuning() {
        return Optional.ofNullable(tuning);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof SessionOptions s
                && threads == s.threads
                && bounds.equals(s.bounds)
                && optimize == s.optimize
                && numerics == s.numerics
                && precision == s.precision
                && Objects.equals(tuning, s.tuning);
    }

    @Override
    public int hashCode() {
        return Objects.hash(threads, bounds, optimize, numerics, precision, tuning);
    }
}
