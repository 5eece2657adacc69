package dev.tenon.generation;

import dev.tenon.Precision;
import dev.tenon.SessionOptions;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.options.Settings;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.PredictionListener;
import dev.tenon.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Options of a generator: how much it keeps, how many sequences run together, and with which numbers. Immutable and safe for any
 * number of threads; each setter returns new options.
 *
 * <pre>{@code
 * TextGenerator generator = model.generator(GeneratorOptions.standard().contextTokens(8192).cacheBytes(1L << 30));
 * }</pre>
 */
public final class GeneratorOptions {
    /** The most sequences that run together. */
    public static final int MAX_SEQUENCES = 1024;

    private static final GeneratorOptions STANDARD = new GeneratorOptions(new Values());

    private static final class Values extends Settings<Values> {
        /** Null for what follows from the model. */
        private Integer contextTokens;

        private Long cacheBytes;
        private int maxSequences = 16;
        private int maxWaiting = 1024;
        private int promptTokensPerStep = 256;
        private DType pages = DType.FLOAT16;
        private boolean sharedPrefixes;
        private SessionOptions session = SessionOptions.standard();
        /** Null to round rows that weights in blocks are multiplied with, and nothing else. */
        private Precision precision;

        private Executor executor = BatchOptions.standard().executor();
        private List<PredictionListener> listeners = List.of();
        private String name = "";
    }

    private final Values settings;

    private GeneratorOptions(Values settings) {
        this.settings = settings;
    }

    private GeneratorOptions with(Consumer<Values> change) {
        return new GeneratorOptions(settings.with(change));
    }

    /**
     * The standard options: a context of the model's own length, 8,192 tokens at most; 512 MiB for keys and values in float16, or as much
     * as one context needs if that is more; 16 sequences, 1,024 more that wait; 256 tokens of prompts in a step.
     *
     * @return the options
     */
    public static GeneratorOptions standard() {
        return STANDARD;
    }

    private static int inRange(String option, int value, int most) {
        if (value < 1 || value > most) {
            throw new InvalidOptionException("GeneratorOptions." + option, String.valueOf(value), "1 to " + most, null);
        }
        return value;
    }

    /**
     * Sets the most tokens of a sequence, the prompt included.
     *
     * @param count at least 1, at most the context that the model was made for
     * @return new options
     * @throws InvalidOptionException if the count is less than 1
     */
    public GeneratorOptions contextTokens(int count) {
        int checked = inRange("contextTokens", count, Integer.MAX_VALUE);
        return with(s -> s.contextTokens = checked);
    }

    /**
     * Sets how much native memory keys and values may take. It is taken when the generator is made. No more is taken than
     * {@link #maxSequences} full contexts need.
     *
     * @param bytes at least 1; too little for two pages of 64 tokens is refused when the generator is made
     * @return new options
     * @throws InvalidOptionException if the number is less than 1
     */
    public GeneratorOptions cacheBytes(long bytes) {
        if (bytes < 1) {
            throw new InvalidOptionException("GeneratorOptions.cacheBytes", bytes + " bytes", "1 or more", null);
        }
        return with(s -> s.cacheBytes = bytes);
    }

    /**
     * Sets how many sequences run together.
     *
     * @param count 1 to {@link #MAX_SEQUENCES}
     * @return new options
     * @throws InvalidOptionException if the count is out of range
     */
    public GeneratorOptions maxSequences(int count) {
        int checked = inRange("maxSequences", count, MAX_SEQUENCES);
        return with(s -> s.maxSequences = checked);
    }

    /**
     * Sets how many calls may wait beside those that run. One more is refused, unless its lane has fewer calls that wait than another
     * one: then the newest of the lane with the most is.
     *
     * @param count at least 1
     * @return new options
     * @throws InvalidOptionException if the count is less than 1
     */
    public GeneratorOptions maxWaiting(int count) {
        int checked = inRange("maxWaiting", count, Integer.MAX_VALUE);
        return with(s -> s.maxWaiting = checked);
    }

    /**
     * Sets how many tokens of prompts are computed in a step, beside one of each sequence that writes: a long prompt holds the others up
     * by that many tokens at a time. Results do not depend on it.
     *
     * @param count at least 1
     * @return new options
     * @throws InvalidOptionException if the count is less than 1
     */
    public GeneratorOptions promptTokensPerStep(int count) {
        int checked = inRange("promptTokensPerStep", count, Integer.MAX_VALUE / 2);
        return with(s -> s.promptTokensPerStep = checked);
    }

    /**
     * Sets the numbers in which keys and values are kept.
     *
     * @param type float16, the standard, to which they are rounded, or float32
     * @return new options
     * @throws InvalidOptionException if it is another type
     */
    public GeneratorOptions pages(DType type) {
        if (type != DType.FLOAT16 && type != DType.FLOAT32) {
            throw new InvalidOptionException(
                    "GeneratorOptions.pages", String.valueOf(type), "float16 or float32", null);
        }
        return with(s -> s.pages = type);
    }

    /**
     * Sets whether calls of different lanes share the keys and values of equal beginnings of their prompts. They do not by themselves:
     * a tenant could find out by the time of a call what the prompts of others begin with.
     *
     * @param shared whether they do
     * @return new options
     */
    public GeneratorOptions sharedPrefixes(boolean shared) {
        return with(s -> s.sharedPrefixes = shared);
    }

    /**
     * Sets how steps run: threads, limits. A limit of time holds for each step. The precision is that of {@link #precision}.
     *
     * @param options the options, without states
     * @return new options
     */
    public GeneratorOptions session(SessionOptions options) {
        Objects.requireNonNull(options, "options");
        return with(s -> s.session = options);
    }

    /**
     * Sets the numbers of products. Unless it is set, rows that are multiplied with weights in blocks of GGUF are rounded to bytes, as
     * llama.cpp does, and all else is float32. With {@link Precision#FP32} nothing is rounded, and logits are those of
     * {@link dev.tenon.Session#predict}.
     *
     * @param numbers the precision
     * @return new options
     */
    public GeneratorOptions precision(Precision numbers) {
        Objects.requireNonNull(numbers, "numbers");
        return with(s -> s.precision = numbers);
    }

    /**
     * Sets the threads that compute calls in which no caller waits, and that run actions which depend on futures. The standard is a new
     * virtual thread each time.
     *
     * @param threads runs them
     * @return new options
     */
    public GeneratorOptions executor(Executor threads) {
        Objects.requireNonNull(threads, "threads");
        return with(s -> s.executor = threads);
    }

    /**
     * Adds a listener. A call has one row; the rows of a batch are the tokens of a step.
     *
     * @param listener is told about calls, steps and refusals
     * @return new options
     */
    public GeneratorOptions listener(PredictionListener listener) {
        List<PredictionListener> all = new ArrayList<>(settings.listeners);
        all.add(Objects.requireNonNull(listener, "listener"));
        List<PredictionListener> copy = List.copyOf(all);
        return with(s -> s.listeners = copy);
    }

    /**
     * Sets the name in messages, events and reports. Unless it is set, it is the name of the model.
     *
     * @param text the name
     * @return new options
     */
    public GeneratorOptions name(String text) {
        Objects.requireNonNull(text, "text");
        return with(s -> s.name = text);
    }

    /** {@return the most tokens of a sequence; empty for what follows from the model} */
    public OptionalInt contextTokens() {
        return settings.contextTokens == null ? OptionalInt.empty() : OptionalInt.of(settings.contextTokens);
    }

    /** {@return how much memory keys and values may take, in bytes; empty for the standard} */
    public OptionalLong cacheBytes() {
        return settings.cacheBytes == null ? OptionalLong.empty() : OptionalLong.of(settings.cacheBytes);
    }

    /** {@return how many sequences run together} */
    public int maxSequences() {
        return settings.maxSequences;
    }

    /** {@return how many calls may wait} */
    public int maxWaiting() {
        return settings.maxWaiting;
    }

    /** {@return how many tokens of prompts are computed in a step} */
    public int promptTokensPerStep() {
        return settings.promptTokensPerStep;
    }

    /** {@return the numbers in which keys and values are kept} */
    public DType pages() {
        return settings.pages;
    }

    /** {@return whether calls of different lanes share the beginnings of prompts} */
    public boolean hasSharedPrefixes() {
        return settings.sharedPrefixes;
    }

    /** {@return how steps run} */
    public SessionOptions session() {
        return settings.session;
    }

    /** {@return the numbers of products; empty to round rows that weights in blocks are multiplied with} */
    public Optional<Precision> precision() {
        return Optional.ofNullable(settings.precision);
    }

    /** {@return the threads for calls in which no caller waits} */
    public Executor executor() {
        return settings.executor;
    }

    /** {@return the listeners} */
    public List<PredictionListener> listeners() {
        return settings.listeners;
    }

    /** {@return the name in messages; empty for that of the model} */
    public String name() {
        return settings.name;
    }
}
