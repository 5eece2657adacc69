package dev.tenon;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.TuningFileException;
import dev.tenon.options.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Options of a session. Immutable and safe for any number of threads; each setter returns new options.
 *
 * <pre>{@code
 * Session session = model.session(SessionOptions.standard().threads(1).timeLimit(Duration.ofSeconds(1)));
 * }</pre>
 */
public final class SessionOptions {
    private static final SessionOptions STANDARD = new SessionOptions(new Values());

    private static final class Values extends Settings<Values> {
        private int threads = Runtime.getRuntime().availableProcessors();
        private long maxTensorBytes = Long.MAX_VALUE;
        /** Null for none. */
        private Duration timeLimit;

        private Duration preparationTime = Duration.ofMinutes(10);
        private long maxOperations = 10_000_000_000_000L;
        private long maxIterations = 10_000_000;
        private long planCacheBytes = 64L << 20;
        private boolean optimize = true;
        private NumericsMode numerics = NumericsMode.STANDARD;
        private Precision precision = Precision.FP32;
        /** Null if nothing is measured. */
        private Path tuning;

        private Map<String, String> states = Map.of();

        private List<Object> all() {
            return Arrays.asList(
                    threads,
                    maxTensorBytes,
                    timeLimit,
                    preparationTime,
                    maxOperations,
                    maxIterations,
                    planCacheBytes,
                    optimize,
                    numerics,
                    precision,
                    tuning,
                    states);
        }
    }

    private final Values settings;

    private SessionOptions(Values settings) {
        this.settings = settings;
    }

    private SessionOptions with(Consumer<Values> change) {
        return new SessionOptions(settings.with(change));
    }

    /**
     * The standard options: as many threads as the JVM has processors, no time limit for calls, 10 minutes for making a
     * session or a plan, 10,000,000 iterations, 10,000,000,000,000 operations.
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
        return with(s -> s.threads = count);
    }

    /**
     * Sets the largest size of any one value of a call. For texts, and for the tensors of a sequence without their elements, it is
     * the size of all that one step makes.
     *
     * @param bytes the size in bytes, at least 0
     * @return new options
     * @throws InvalidOptionException if the size is negative
     */
    public SessionOptions maxTensorBytes(long bytes) {
        if (bytes < 0) {
            throw new InvalidOptionException("SessionOptions.maxTensorBytes", bytes + " bytes", "0 or more", null);
        }
        return with(s -> s.maxTensorBytes = bytes);
    }

    /**
     * Sets how long a call may take, the planning for its input shapes included if they are new. A plan that is not ready
     * by then is lost, so {@link Session#warmUp} makes plans that take longer than a call may. The time is checked between
     * steps, and every few milliseconds within a step. An interrupt of the calling thread ends
     * a call in the same way.
     *
     * @param limit the limit, at least zero
     * @return new options
     * @throws InvalidOptionException if the limit is negative
     */
    public SessionOptions timeLimit(Duration limit) {
        if (Objects.requireNonNull(limit, "limit").isNegative()) {
            throw new InvalidOptionException("SessionOptions.timeLimit", limit.toString(), "0 or more", null);
        }
        return with(s -> s.timeLimit = limit);
    }

    /**
     * Removes the time limit.
     *
     * @return new options
     */
    public SessionOptions noTimeLimit() {
        return with(s -> s.timeLimit = null);
    }

    /**
     * Sets how long it may take to make a session, and to plan for new input shapes. It ends the work on a model whose
     * graph is made so that it takes very long to optimise. Measuring for {@link #tuning} does not count.
     *
     * @param limit the limit, at least zero
     * @return new options
     * @throws InvalidOptionException if the limit is negative
     */
    public SessionOptions preparationTime(Duration limit) {
        if (Objects.requireNonNull(limit, "limit").isNegative()) {
            throw new InvalidOptionException("SessionOptions.preparationTime", limit.toString(), "0 or more", null);
        }
        return with(s -> s.preparationTime = limit);
    }

    /**
     * Sets how many operations a call may do, and how many the making of a session or a plan may do. An operation is
     * about a nanosecond of work: a nanosecond that a kernel is expected to take, or an element that the reference of an
     * operator without a kernel reads or writes. The number depends on the model, the inputs and the kernels, and not
     * on the load of the machine. Work that needs more ends with a {@link dev.tenon.error.ResourceLimitException}.
     *
     * @param count at least 1; {@link Long#MAX_VALUE} for no limit
     * @return new options
     * @throws InvalidOptionException if the count is less than 1
     */
    public SessionOptions maxOperations(long count) {
        if (count < 1) {
            throw new InvalidOptionException("SessionOptions.maxOperations", Long.toString(count), "1 or more", null);
        }
        return with(s -> s.maxOperations = count);
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
        return with(s -> s.maxIterations = count);
    }

    /**
     * Sets about how much memory the plans for different input shapes may keep, on the heap and outside of it: those of
     * the model and of all bodies of loops and branches together. Above it the least recently used plans are dropped. The
     * plan of the last call is kept in any case. Contexts of calls keep as much again, all of them together.
     *
     * @param bytes the size in bytes, at least 0
     * @return new options
     * @throws InvalidOptionException if the size is negative
     */
    public SessionOptions planCacheBytes(long bytes) {
        if (bytes < 0) {
            throw new InvalidOptionException("SessionOptions.planCacheBytes", bytes + " bytes", "0 or more", null);
        }
        return with(s -> s.planCacheBytes = bytes);
    }

    /**
     * Sets whether the graph is optimised before it runs.
     *
     * @param on false to run the graph as it was read
     * @return new options
     */
    public SessionOptions optimize(boolean on) {
        return with(s -> s.optimize = on);
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
        Objects.requireNonNull(mode, "mode");
        return with(s -> s.numerics = mode);
    }

    /**
     * Sets the numbers with which products with constant weights are computed. Anything but {@link Precision#FP32} changes
     * results, and needs {@link #optimize} and {@link NumericsMode#STANDARD}.
     *
     * @param numbers the precision
     * @return new options. {@link Model#session} throws an {@link InvalidOptionException} if they do not go together
     */
    public SessionOptions precision(Precision numbers) {
        Objects.requireNonNull(numbers, "numbers");
        return with(s -> s.precision = numbers);
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
        Objects.requireNonNull(file, "file");
        return with(s -> s.tuning = file);
    }

    /**
     * Measures nothing, and reads and writes no tuning file.
     *
     * @return new options
     */
    public SessionOptions noTuning() {
        return with(s -> s.tuning = null);
    }

    /**
     * Declares an input and an output as one value, a state: a weight and the weight after a step of training, or a cache of
     * a decoder. Each call writes the output over the input, in the tensor that the caller gives for the input, and takes
     * no memory of its own for either. The output is left out of the call, or is given the same tensor.
     *
     * <p>The tensor must be in native memory that can be written, is aligned to 64 bytes and may be used by every
     * thread, as that of {@link dev.tenon.tensor.Tensor#allocateNative} is. A call with another tensor is refused, and so is
     * one whose states share memory with each other, with an output, or with a state of a call that runs at the same
     * time, in any session: states have one call at a time. Other inputs may share their memory, and have the values from
     * before the call. That no other thread reads or writes a state meanwhile is the caller's part. Nothing is written when a
     * call is refused; a call that fails or is ended later leaves states that may be old, new or in part both, so keep
     * copies to go on from. Sessions with states are not served in batches.
     *
     * @param input the name of the input
     * @param output the name of the output, of the same type and shape
     * @return new options. {@link Model#session} throws an {@link InvalidOptionException} if the model does not have both
     *     with one type
     * @throws InvalidOptionException if one of them is of another state
     */
    public SessionOptions state(String input, String output) {
        Objects.requireNonNull(input, "input");
        Objects.requireNonNull(output, "output");
        Map<String, String> all = new LinkedHashMap<>(settings.states);
        if (all.containsValue(output) || all.putIfAbsent(input, output) != null) {
            throw new InvalidOptionException(
                    "SessionOptions.state",
                    "'" + input + "' to '" + output + "' beside " + settings.states,
                    "each input and each output once",
                    "declare one state for both");
        }
        return with(s -> s.states = Collections.unmodifiableMap(all));
    }

    /**
     * How many threads may work on one call, the calling thread included.
     *
     * @return at least 1
     */
    public int threads() {
        return settings.threads;
    }

    /**
     * The largest size of any one value.
     *
     * @return bytes
     */
    public long maxTensorBytes() {
        return settings.maxTensorBytes;
    }

    /**
     * How long a call may take.
     *
     * @return the limit, empty for none
     */
    public Optional<Duration> timeLimit() {
        return Optional.ofNullable(settings.timeLimit);
    }

    /**
     * How long it may take to make a session, and to plan for new input shapes.
     *
     * @return the limit
     */
    public Duration preparationTime() {
        return settings.preparationTime;
    }

    /**
     * How many operations a call may do, and how many the making of a session or a plan.
     *
     * @return the limit, at least 1
     */
    public long maxOperations() {
        return settings.maxOperations;
    }

    /**
     * How many iterations of loops and how many branches a call may run.
     *
     * @return the limit, at least 1
     */
    public long maxIterations() {
        return settings.maxIterations;
    }

    /**
     * About how much memory plans may keep.
     *
     * @return bytes
     */
    public long planCacheBytes() {
        return settings.planCacheBytes;
    }

    /**
     * Whether the graph is optimised.
     *
     * @return true if it is
     */
    public boolean optimize() {
        return settings.optimize;
    }

    /**
     * How closely results follow the operators of the model.
     *
     * @return the mode
     */
    public NumericsMode numerics() {
        return settings.numerics;
    }

    /**
     * The numbers with which products with constant weights are computed.
     *
     * @return the precision
     */
    public Precision precision() {
        return settings.precision;
    }

    /**
     * The file for the block sizes that were fastest.
     *
     * @return the file, empty if nothing is measured
     */
    public Optional<Path> tuning() {
        return Optional.ofNullable(settings.tuning);
    }

    /**
     * The inputs and outputs that are one value.
     *
     * @return the output of each state by its input, in the order in which they were declared; unmodifiable
     */
    public Map<String, String> states() {
        return settings.states;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof SessionOptions s && settings.all().equals(s.settings.all());
    }

    @Override
    public int hashCode() {
        return settings.all().hashCode();
    }
}
