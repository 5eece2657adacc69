package dev.tenon;

import dev.tenon.kernel.KernelSet;
import dev.tenon.op.Op;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Operators of a caller. Each has an entry of the same kind as the operators of the standard, and may have kernels.
 * They are typed, planned, run, folded and saved as the standard's are, in bodies and functions too.
 *
 * <p>A library is an immutable value, and safe for any number of threads. Nothing is registered globally: a model knows
 * the operators that it was loaded with.
 *
 * <pre>{@code
 * OpLibrary own = OpLibrary.empty().with(new OpDefinition<>(Swirl.SCHEMA, Swirl.class, Swirl::of));
 * Model model = Model.load(path, LoadOptions.standard().operators(own));
 * }</pre>
 */
public final class OpLibrary {
    private static final OpLibrary EMPTY = new OpLibrary(OpSet.empty(), KernelSet.empty());

    private final OpSet operators;
    private final KernelSet kernels;

    private OpLibrary(OpSet operators, KernelSet kernels) {
        this.operators = operators;
        this.kernels = kernels;
    }

    /**
     * The library without operators.
     *
     * @return the empty library
     */
    public static OpLibrary empty() {
        return EMPTY;
    }

    /**
     * Adds an operator that runs through its reference. It replaces an operator of the same domain and name.
     *
     * @param definition its entry: the schema with domain and name, the class, the function from attributes to an
     *     operator, and the first version of its operator set. Give it a domain of its own to keep it apart from the
     *     operators of the standard
     * @return the larger library
     */
    public OpLibrary with(OpDefinition<?> definition) {
        return new OpLibrary(operators.with(definition), kernels);
    }

    /**
     * Adds an operator with kernels. It replaces an operator of the same domain and name.
     *
     * @param <O> the operator's class
     * @param definition its entry
     * @param factory prepares its kernels
     * @return the larger library
     */
    public <O extends Op> OpLibrary with(OpDefinition<O> definition, CustomKernel.Factory<? super O> factory) {
        return new OpLibrary(
                operators.with(definition),
                kernels.with(definition.type(), (op, step) -> CustomKernelAdapter.prepare(factory, op, step)));
    }

    /**
     * The union of two libraries. Where both define an operator, the other library's is used.
     *
     * @param other another library
     * @return the union
     */
    public OpLibrary plus(OpLibrary other) {
        return new OpLibrary(operators.plus(other.operators), kernels.plus(other.kernels));
    }

    /**
     * The entries.
     *
     * @return the operators as a set, for parsing graphs from text or making operators by name
     */
    public OpSet operators() {
        return operators;
    }

    KernelSet kernels() {
        return kernels;
    }

    /** For each domain the newest version that an entry needs. */
    Map<String, Long> versions() {
        Map<String, Long> versions = new HashMap<>();
        for (OpDefinition<?> d : operators.definitions()) {
            versions.merge(d.schema().domain(), (long) d.since(), Math::max);
        }
        return versions;
    }

    @Override
    public String toString() {
        return operators.definitions().stream()
                .map(d -> d.schema().qualifiedName())
                .toList()
                .toString();
    }
}
