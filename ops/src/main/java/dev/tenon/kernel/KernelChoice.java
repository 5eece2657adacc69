package dev.tenon.kernel;

import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * One kernel of a {@link KernelTable}.
 *
 * @param <P> the problem that kernels of this family solve
 * @param id the kernel's name, with its shape and instruction set, such as {@code softmax_f32_vector512}
 * @param refusal gives the reason why the kernel can't take a problem on a machine, or null if it can; a pure function
 * @param prepare makes the kernel for a problem that it does not refuse. It chooses block sizes by the machine's caches.
 *     Classes that need optional modules are first loaded here
 */
public record KernelChoice<P>(
        String id, BiFunction<P, Capabilities, String> refusal, BiFunction<P, Capabilities, Kernel> prepare) {
    /**
     * A kernel whose blocks do not depend on the machine.
     *
     * @param id the kernel's name
     * @param refusal gives the reason why the kernel can't take a problem on a machine, or null if it can; a pure function
     * @param prepare makes the kernel
     */
    public KernelChoice(String id, BiFunction<P, Capabilities, String> refusal, Function<P, Kernel> prepare) {
        this(id, refusal, (problem, machine) -> prepare.apply(problem));
    }

    /**
     * A kernel that takes every problem on every machine: the last one of its family.
     *
     * @param <P> the problem that kernels of the family solve
     * @param id the kernel's name
     * @param prepare makes the kernel
     * @return the choice
     */
    public static <P> KernelChoice<P> fallback(String id, Function<P, Kernel> prepare) {
        return new KernelChoice<>(id, (problem, machine) -> null, prepare);
    }
}
