package dev.tenon;

import dev.tenon.formats.ExternalData;
import dev.tenon.formats.Limits;
import java.util.Optional;

/** How a model is loaded. Immutable; each method gives new options. */
public final class LoadOptions {
    private static final LoadOptions STANDARD = new LoadOptions(false, Limits.defaults(), null, OpLibrary.empty());

    private final boolean copies;
    private final Limits limits;
    private final ExternalData external;
    private final OpLibrary operators;

    private LoadOptions(boolean copies, Limits limits, ExternalData external, OpLibrary operators) {
        this.copies = copies;
        this.limits = limits;
        this.external = external;
        this.operators = operators;
    }

    /**
     * The standard options: files are mapped, external data is read from the model's folder.
     *
     * @return the options
     */
    public static LoadOptions standard() {
        return STANDARD;
    }

    /**
     * Copies files into native memory instead of mapping them: for files that may change or go while the model is in
     * use.
     *
     * @return new options
     */
    public LoadOptions copy() {
        return new LoadOptions(true, limits, external, operators);
    }

    /**
     * Sets what is accepted of an untrusted file.
     *
     * @param accepted the limits
     * @return new options
     */
    public LoadOptions limits(Limits accepted) {
        return new LoadOptions(copies, accepted, external, operators);
    }

    /**
     * Sets where tensors are found that the model only names.
     *
     * @param resolver gives the bytes for a location
     * @return new options
     */
    public LoadOptions externalData(ExternalData resolver) {
        return new LoadOptions(copies, limits, resolver, operators);
    }

    /**
     * Adds operators of the caller to those of the standard; where both define one, the caller's holds, from the version
     * on that its entry names.
     *
     * @param own the operators
     * @return new options
     */
    public LoadOptions operators(OpLibrary own) {
        return new LoadOptions(copies, limits, external, operators.plus(own));
    }

    /**
     * Whether files are copied.
     *
     * @return true if they are
     */
    public boolean copies() {
        return copies;
    }

    /**
     * What is accepted of an untrusted file.
     *
     * @return the limits
     */
    public Limits limits() {
        return limits;
    }

    /**
     * Where tensors are found that the model only names.
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
