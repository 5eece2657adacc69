package dev.tenon;

import dev.tenon.error.InvalidOptionException;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * Options for saving a model. Immutable and safe for any number of threads; each setter returns new options.
 *
 * <pre>{@code
 * model.save(path, SaveOptions.standard().operatorSet(17));
 * }</pre>
 */
public final class SaveOptions {
    private static final SaveOptions STANDARD = new SaveOptions(OptionalInt.empty());

    private final OptionalInt operatorSet;

    private SaveOptions(OptionalInt operatorSet) {
        this.operatorSet = operatorSet;
    }

    /**
     * The standard options: the operator set is chosen by the writer.
     *
     * @return the options
     */
    public static SaveOptions standard() {
        return STANDARD;
    }

    /**
     * Sets the version of the main operator set to write for. Without it the writer takes a version that current
     * runtimes read, or the newest one if the model needs it.
     *
     * @param version the version, at least 1; {@code .tenon} packages do not take one
     * @return new options. Saving throws an {@link dev.tenon.formats.UnsupportedModelException} if the version can't
     *     express the model
     * @throws InvalidOptionException if the version is less than 1
     */
    public SaveOptions operatorSet(int version) {
        if (version < 1) {
            throw new InvalidOptionException("SaveOptions.operatorSet", Integer.toString(version), "1 or more", null);
        }
        return new SaveOptions(OptionalInt.of(version));
    }

    /**
     * The version of the main operator set to write for.
     *
     * @return the version, empty if the writer chooses it
     */
    public OptionalInt operatorSet() {
        return operatorSet;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof SaveOptions s && operatorSet.equals(s.operatorSet);
    }

    @Override
    public int hashCode() {
        return Objects.hash(operatorSet);
    }
}
