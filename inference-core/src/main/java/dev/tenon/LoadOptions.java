package dev.tenon;

import dev.tenon.formats.ExternalData;
import dev.tenon.formats.Limits;
import java.util.Objects;
import java.util.Optional;

/**
 * Options for loading a model. Immutable and safe for any number of threads; each setter returns new options.
 *
 * <pre>{@code
 * Model model = Model.load(path, LoadOptions.standard().copied().operators(own));
 * }</pre>
 */
public final class LoadOptions {
    private static final LoadOptions STANDARD = new LoadOptions(false, Limits.defaults(), null, OpLibrary.empty());

    private final boolean copied;
    private final Limits limits;
    /** Null for the model's folder. */
    private final ExternalData external;

    private final OpLibrary operators;

    private LoadOptions(boolean copied, Limits limits, ExternalData external, OpLibrary operators) {
        this.copied = copied;
        this.limits = limits;
        this.external = external;
        this.operators = operators;
    }

    /**
     * The standard options: files are mapped, external data is read from the model's folder, the operators are those of
     * the standard.
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
        return new LoadOptions(true, limits, external, operators);
    }

    /**
     * Sets what is accepted from an untrusted file.
     *
     * @param accepted the limits
     * @return new options
     */
    public LoadOptions limits(Limits accepted) {
        return new LoadOptions(copied, Objects.requireNonNull(accepted, "accepted"), external, operators);
    }

    /**
     * Sets where external data is found, which are tensors that the model stores outside its own file.
     *
     * @param resolver gives the bytes for a location
     * @return new options
     */
    public LoadOptions externalData(ExternalData resolver) {
        return new LoadOptions(copied, limits, Objects.requireNonNull(resolver, "resolver"), operators);
    }

    /**
     * Adds operators of the caller to those of the standard. Where both define an operator, the caller's is used from
     * the version on that its entry names.
     *
     * @param own the operators
     * @return new options
     */
    public LoadOptions operators(OpLibrary own) {
        return new LoadOptions(copied, limits, external, operators.plus(own));
    }

    /**
     * Whether files are copied into native memory.
     *
     * @return true if they are copied, false if they are mapped
     */
    public boolean isCopied() {
        return copied;
    }

    /**
     * The limits for an untrusted file.
     *
     * @return the limits
     */
    public Limits limits() {
        return limits;
    }

    /**
     * Where external data is found.
     *
     * @return the resolver, empty for the model's folder
     */
    public Optional<ExternalData> externalData() {
        return Optional.ofNullable(external);
    }

    /**
     * The operators that were added.
     *
     * @return a library, empty by default
     */
    public OpLibrary operators() {
        return operators;
    }
}
