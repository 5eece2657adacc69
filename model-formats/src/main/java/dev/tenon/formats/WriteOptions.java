package dev.tenon.formats;

import java.util.Objects;
import java.util.OptionalInt;

/**
 * How a model is written. Immutable.
 *
 * @param operatorSet the version of the main operator set to write for. If it is empty, the writer takes a version that
 *     runtimes in use read, or the newest one if the model needs it
 * @param externalData which tensors go to a second file
 * @param standardOperatorsOnly whether the file may have operators of the domains {@code ai.onnx} and
 *     {@code ai.onnx.ml} alone. Fused operators are then written as the operators that they stand for; an operator that
 *     can't be written so is refused by name
 */
public record WriteOptions(OptionalInt operatorSet, ExternalDataPolicy externalData, boolean standardOperatorsOnly) {
    private static final WriteOptions STANDARD =
            new WriteOptions(OptionalInt.empty(), ExternalDataPolicy.whenNeeded(), false);

    /** Checks that nothing is null. */
    public WriteOptions {
        Objects.requireNonNull(operatorSet, "operatorSet");
        Objects.requireNonNull(externalData, "externalData");
    }

    /**
     * The standard options: a version that the writer chooses, a second file if one is not enough, and operators of
     * other domains where the standard has none, or only several in the place of one.
     *
     * @return the options
     */
    public static WriteOptions standard() {
        return STANDARD;
    }

    /**
     * These options for one version of the main operator set. The writer refuses versions that it does not know.
     *
     * @param version the version
     * @return the changed options
     */
    public WriteOptions withOperatorSet(int version) {
        return new WriteOptions(OptionalInt.of(version), externalData, standardOperatorsOnly);
    }

    /**
     * These options with another policy for large tensors.
     *
     * @param policy which tensors go to a second file
     * @return the changed options
     */
    public WriteOptions withExternalData(ExternalDataPolicy policy) {
        return new WriteOptions(operatorSet, policy, standardOperatorsOnly);
    }

    /**
     * These options, but with operators of the standard alone, or with others too.
     *
     * @param only whether operators of other domains are forbidden
     * @return the changed options
     */
    public WriteOptions withStandardOperatorsOnly(boolean only) {
        return new WriteOptions(operatorSet, externalData, only);
    }
}
