package dev.tenon.formats;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.OpSet;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

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

    /**
     * Runs a step that builds operators of what the file says, and names the file if an operator refuses its operands.
     *
     * @param cure the cure of a file that says such things
     * @param step the step; it may read the bytes, as {@link ModelBytes#read} says
     * @return its result
     * @throws MalformedModelException if an operator refuses its operands, or a mapped file got shorter
     */
    public ModelFile naming(String cure, Supplier<ModelFile> step) {
        try {
            return bytes.read(segment -> step.get());
        } catch (InvalidOperandException e) {
            throw new MalformedModelException(bytes.name() + ", " + e.thing(), e.found(), e.allowed(), cure, e);
        }
    }
}
