package dev.tenon;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.formats.ExternalDataPolicy;
import dev.tenon.formats.WriteOptions;
import java.util.OptionalInt;

/**
 * Options for saving a model as ONNX. Immutable and safe for any number of threads; each setter returns new options.
 *
 * <pre>{@code
 * model.save(path, SaveOptions.standard().operatorSet(17).externalData(ExternalDataPolicy.always()));
 * }</pre>
 */
public final class SaveOptions {
    private static final SaveOptions STANDARD = new SaveOptions(WriteOptions.standard());

    private final WriteOptions written;

    private SaveOptions(WriteOptions written) {
        this.written = written;
    }

    /**
     * The standard options. The writer chooses the operator set. A second file is only written for a model of more than
     * 2 GiB. Operators of other domains than ONNX's own are written where ONNX has none, or several in the place of
     * one.
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
        return new SaveOptions(written.withOperatorSet(version));
    }

    /**
     * Sets which tensors are written to a second file beside the model, which ONNX calls external data. A
     * {@code .tenon} package is always one file, and can't be saved with {@link ExternalDataPolicy#always}.
     *
     * @param policy when there is a second file, and how large its tensors are at least
     * @return new options
     */
    public SaveOptions externalData(ExternalDataPolicy policy) {
        return new SaveOptions(written.withExternalData(policy));
    }

    /**
     * Writes only operators of the domains {@code ai.onnx} and {@code ai.onnx.ml}. A fused operator is written as the
     * operators that it stands for. A {@code .tenon} package can't be saved so.
     *
     * @return new options. Saving throws an {@link dev.tenon.formats.UnsupportedModelException} if an operator can't be
     *     written so
     */
    public SaveOptions standardOperatorsOnly() {
        return new SaveOptions(written.withStandardOperatorsOnly(true));
    }

    /**
     * The version of the main operator set to write for.
     *
     * @return the version, empty if the writer chooses it
     */
    public OptionalInt operatorSet() {
        return written.operatorSet();
    }

    /**
     * Which tensors are written to a second file.
     *
     * @return the policy
     */
    public ExternalDataPolicy externalData() {
        return written.externalData();
    }

    /**
     * Whether only operators of the ONNX standard are written.
     *
     * @return true if operators of other domains are not written
     */
    public boolean isStandardOperatorsOnly() {
        return written.standardOperatorsOnly();
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof SaveOptions s && written.equals(s.written);
    }

    @Override
    public int hashCode() {
        return written.hashCode();
    }

    WriteOptions written() {
        return written;
    }
}
