package dev.tenon.formats;

import dev.tenon.op.OpSet;
import java.util.Objects;
import java.util.Optional;

/**
 * The input of a reader.
 *
 * @param bytes the file
 * @param external finds tensors that are in other files
 * @param operators the operators that the model may use, in canonical form
 * @param limits the limits for an untrusted file
 * @param trees which trees of the file to take; empty if the caller has not said
 */
public record ModelSource(
        ModelBytes bytes, ExternalData external, OpSet operators, Limits limits, Optional<TreeSelection> trees) {
    /** Checks that all are there. */
    public ModelSource {
        Objects.requireNonNull(trees, "trees");
    }

    /**
     * The input of a reader, without a word on trees.
     *
     * @param bytes the file
     * @param external finds tensors that are in other files
     * @param operators the operators that the model may use, in canonical form
     * @param limits the limits for an untrusted file
     */
    public ModelSource(ModelBytes bytes, ExternalData external, OpSet operators, Limits limits) {
        this(bytes, external, operators, limits, Optional.empty());
    }
}
