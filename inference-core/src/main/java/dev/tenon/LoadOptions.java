package dev.tenon;

import dev.tenon.budget.WorkLimits;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.formats.ExternalData;
import dev.tenon.formats.Limits;
import dev.tenon.formats.TreeSelection;
import dev.tenon.options.Settings;
import java.time.Duration;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Options for loading a model. Immutable and safe for any number of threads; each setter returns new options.
 *
 * <pre>{@code
 * Model model = Model.load(path, LoadOptions.standard().copied().operators(own));
 * }</pre>
 */
public final class LoadOptions {
    private static final int SHA256_DIGITS = 64;

    private static final LoadOptions STANDARD = new LoadOptions(new Values());

    private static final class Values extends Settings<Values> {
        private boolean copied;
        private Limits limits = Limits.standard();
        /** Null for the model's folder. */
        private ExternalData externalData;

        private OpLibrary operators = OpLibrary.empty();
        private Duration timeLimit = Duration.ofMinutes(10);
        private long maxOperations = 200_000_000_000L;
        /** Null for all, with a warning where it matters. */
        private TreeSelection trees;
        /** Under the empty name: the file of the model, which is all that may be read. */
        private Map<String, String> sha256 = Map.of();
    }

    private final Values settings;

    private LoadOptions(Values settings) {
        this.settings = settings;
    }

    private LoadOptions with(Consumer<Values> change) {
        return new LoadOptions(settings.with(change));
    }

    /**
     * The standard options: files are mapped, external data is read from the model's folder, the operators are those of
     * the standard. Loading may take 10 minutes and 200,000,000,000 operations, which is far above the need of any
     * published model.
     *
     * @return the options
     */
    public static LoadOptions standard() {
        return STANDARD;
    }

    /**
     * Copies files into native memory instead of mapping them. Use it for files that may change or be deleted while the
     * model is in use.
     *
     * @return new options
     */
    public LoadOptions copied() {
        return with(s -> s.copied = true);
    }

    /**
     * Sets what is accepted from an untrusted file.
     *
     * @param accepted the limits
     * @return new options
     */
    public LoadOptions limits(Limits accepted) {
        Objects.requireNonNull(accepted, "accepted");
        return with(s -> s.limits = accepted);
    }

    /**
     * Sets where external data is found, which are tensors that the model stores outside its own file.
     *
     * @param resolver gives the bytes for a location
     * @return new options
     */
    public LoadOptions externalData(ExternalData resolver) {
        Objects.requireNonNull(resolver, "resolver");
        return with(s -> s.externalData = resolver);
    }

    /**
     * Adds operators of the caller to those of the standard. Where both define an operator, the caller's is used from
     * the version on that its entry names.
     *
     * @param own the operators
     * @return new options
     */
    public LoadOptions operators(OpLibrary own) {
        return with(s -> s.operators = s.operators.plus(own));
    }

    /**
     * Sets how long it may take to make a graph of the bytes of a model. Reading a stream to its end does not count. The
     * time is checked every few milliseconds, and an interrupt of the calling thread ends the work in the same way: with
     * a {@link dev.tenon.error.InterruptedPredictionException}.
     *
     * @param limit the limit, at least zero
     * @return new options
     * @throws InvalidOptionException if the limit is negative
     */
    public LoadOptions timeLimit(Duration limit) {
        if (Objects.requireNonNull(limit, "limit").isNegative()) {
            throw new InvalidOptionException("LoadOptions.timeLimit", limit.toString(), "0 or more", null);
        }
        return with(s -> s.timeLimit = limit);
    }

    /**
     * Sets how many operations it may take to make a graph of the bytes of a model. An operation is about a nanosecond of
     * work. The number depends on the model only, not on the load of the machine. A model that needs more ends in a
     * {@link dev.tenon.error.ResourceLimitException}.
     *
     * @param count at least 1; {@link Long#MAX_VALUE} for no limit
     * @return new options
     * @throws InvalidOptionException if the count is less than 1
     */
    public LoadOptions maxOperations(long count) {
        if (count < 1) {
            throw new InvalidOptionException("LoadOptions.maxOperations", Long.toString(count), "1 or more", null);
        }
        return with(s -> s.maxOperations = count);
    }

    /**
     * Sets which trees of a file of XGBoost are taken if training stopped early. Without it, all are, and a warning is logged if
     * the file names a better iteration than its last one.
     *
     * @param selection {@link TreeSelection#ALL} as {@code Booster.predict}, {@link TreeSelection#BEST_ITERATION} as the
     *     estimators for scikit-learn
     * @return new options
     */
    public LoadOptions trees(TreeSelection selection) {
        Objects.requireNonNull(selection, "selection");
        return with(s -> s.trees = selection);
    }

    /**
     * Sets the SHA-256 of a model that is one file, stream or buffer. Loading reads all of its bytes and compares them before anything
     * else; they take about a second for each GiB. Other files are refused then, a folder as well as tensors beside the file: see
     * {@link #sha256(Map)}. An earlier checksum is forgotten.
     *
     * <p>With {@link #copied} and for streams and buffers, the bytes that were compared are those that the model uses. A mapped file
     * is compared as it is while it is loaded: if somebody writes into it later, its weights change, and nothing notices. A file that is
     * replaced by another one under its name is safe.
     *
     * @param hexadecimal the checksum, 64 hexadecimal digits
     * @return new options; loading throws a {@link dev.tenon.formats.ChecksumException} if the file has another checksum
     * @throws InvalidOptionException if it is none
     */
    public LoadOptions sha256(String hexadecimal) {
        Map<String, String> files = Map.of("", checksum("LoadOptions.sha256", hexadecimal));
        return with(s -> s.sha256 = files);
    }

    /**
     * Sets the SHA-256 of all files of a model, as {@link #sha256(String)} does for one. It may be a folder, or have tensors in other
     * files. {@link dev.tenon.generation.model.LanguageModel#load(java.nio.file.Path, LoadOptions)} compares the files of the tokenizer, too.
     * A file that loading reads and that is not in the map is refused. Files of the map that are not read are not compared.
     *
     * @param files checksums by the paths of files, relative to the path that is loaded if that is a folder, else to its folder, with
     *     {@code /} in them: {@code onnx/model.onnx}
     * @return new options
     * @throws InvalidOptionException if there are none, or one is no checksum
     */
    public LoadOptions sha256(Map<String, String> files) {
        if (Objects.requireNonNull(files, "files").isEmpty()) {
            throw new InvalidOptionException("LoadOptions.sha256", "no files", "one file or more", null);
        }
        Map<String, String> checked = new TreeMap<>();
        files.forEach((file, sha256) -> {
            if (file.isEmpty()) {
                throw new InvalidOptionException("LoadOptions.sha256", "a file without a name", "names of files", null);
            }
            checked.put(file, checksum("LoadOptions.sha256 of '" + file + "'", sha256));
        });
        return with(s -> s.sha256 = Collections.unmodifiableMap(checked));
    }

    private static String checksum(String option, String hexadecimal) {
        String lower = hexadecimal.toLowerCase(Locale.ROOT);
        if (lower.length() != SHA256_DIGITS || !lower.chars().allMatch(HexFormat::isHexDigit)) {
            throw new InvalidOptionException(option, "'" + hexadecimal + "'", "64 hexadecimal digits", null);
        }
        return lower;
    }

    /**
     * Whether files are copied into native memory.
     *
     * @return true if they are copied, false if they are mapped
     */
    public boolean isCopied() {
        return settings.copied;
    }

    /**
     * The limits for an untrusted file.
     *
     * @return the limits
     */
    public Limits limits() {
        return settings.limits;
    }

    /**
     * Where external data is found.
     *
     * @return the resolver, empty for the model's folder
     */
    public Optional<ExternalData> externalData() {
        return Optional.ofNullable(settings.externalData);
    }

    /**
     * The operators that were added.
     *
     * @return a library, empty by default
     */
    public OpLibrary operators() {
        return settings.operators;
    }

    /**
     * How long it may take to make a graph of a model.
     *
     * @return the limit
     */
    public Duration timeLimit() {
        return settings.timeLimit;
    }

    /**
     * How many operations it may take to make a graph of a model.
     *
     * @return the number, {@link Long#MAX_VALUE} for no limit
     */
    public long maxOperations() {
        return settings.maxOperations;
    }

    /**
     * Which trees of a file are taken.
     *
     * @return the selection; empty, which is all trees and perhaps a warning, if none was set
     */
    public Optional<TreeSelection> trees() {
        return Optional.ofNullable(settings.trees);
    }

    /**
     * The checksums that are compared.
     *
     * @return checksums by names of files; under the empty name that of a model in one file; empty if none were set
     */
    public Map<String, String> sha256() {
        return settings.sha256;
    }

    /** The limits of the work of loading. */
    WorkLimits workLimits() {
        return WorkLimits.of(
                settings.timeLimit, settings.maxOperations, "LoadOptions.timeLimit", "LoadOptions.maxOperations");
    }
}
