package dev.tenon;

import dev.tenon.kernel.KernelSet;
import dev.tenon.op.Op;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Operators of a caller: for each an entry, of the same kind as those of the standard's operators, and perhaps kernels.
 * An immutable value: nothing is registered anywhere, a model knows the operators that it was loaded with. They are typed,
 * planned, run, folded and written as those of the standard are, in bodies and functions too.
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
     * Adds an operator that runs through its reference, replacing one of the same domain and name.
     *
     * @param definition its entry: schema with domain and name, class, the way from attributes to an operator, the first
     *     version of its operator set. A domain of its own keeps it apart from the standard's
     * @return the larger library
     */
    public OpLibrary with(OpDefinition<?> definition) {
        return new OpLibrary(operators.with(definition), kernels);
    }

    /**
     * Adds an operator with kernels, replacing one of the same domain and name.
     *
     * @param <O> the operator's class
     * @param definition its entry
     * @param source prepares its kernels
     * @return the larger library
     */
    public <O extends Op> OpLibrary with(OpDefinition<O> definition, OpKernel.Source<? super O> source) {
        return new OpLibrary(
                operators.with(definition),
                kernels.with(definition.type(), (op, step) -> LibraryKernel.prepare(source, op, step)));
    }

    /**
     * The union of two libraries; where both define an operator, the other's holds.
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

    /** The newest version that an entry of each domain asks for. */
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
