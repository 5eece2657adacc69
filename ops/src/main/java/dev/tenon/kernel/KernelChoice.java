package dev.tenon.kernel;

import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * One kernel of a {@link KernelTable}.
 *
 * @param <P> the problem that kernels of this family solve
 * @param id the kernel's name, with its shape and instruction set, such as {@code softmax_f32_vector512}
 * @param forms its forms in machine code, the best one first; empty if it is not in machine code
 * @param condition gives the reason why the kernel can't take a problem on a machine that can run one of its forms, or null if it
 *     can; a pure function
 * @param preparation makes the kernel for a problem that it does not refuse. It chooses block sizes by the machine's caches.
 *     Classes that need optional modules are first loaded here
 */
public record KernelChoice<P>(
        String id, List<CodeForm> forms, BiFunction<P, Capabilities, String> condition, Preparation<P> preparation) {
    /**
     * Makes kernels.
     *
     * @param <P> the problem
     */
    @FunctionalInterface
    public interface Preparation<P> {
        /**
         * Makes a kernel.
         *
         * @param problem the problem
         * @param machine the machine
         * @param form the form that this machine runs; null for kernels that are not in machine code
         * @return the kernel
         */
        Kernel prepare(P problem, Capabilities machine, CodeForm form);
    }

    /**
     * A kernel.
     *
     * @param id the kernel's name
     * @param forms its forms in machine code, the best one first; empty if it is not in machine code
     * @param condition gives the reason why the kernel can't take a problem, or null if it can
     * @param preparation makes the kernel
     */
    public KernelChoice {
        forms = List.copyOf(forms);
    }

    /**
     * A kernel that is not in machine code, whose blocks depend on the machine.
     *
     * @param id the kernel's name
     * @param condition gives the reason why the kernel can't take a problem on a machine, or null if it can; a pure function
     * @param prepare makes the kernel
     */
    public KernelChoice(
            String id, BiFunction<P, Capabilities, String> condition, BiFunction<P, Capabilities, Kernel> prepare) {
        this(id, List.of(), condition, (problem, machine, form) -> prepare.apply(problem, machine));
    }

    /**
     * A kernel that is not in machine code, whose blocks do not depend on the machine.
     *
     * @param id the kernel's name
     * @param condition gives the reason why the kernel can't take a problem on a machine, or null if it can; a pure function
     * @param prepare makes the kernel
     */
    public KernelChoice(String id, BiFunction<P, Capabilities, String> condition, Function<P, Kernel> prepare) {
        this(id, condition, (problem, machine) -> prepare.apply(problem));
    }

    /**
     * A kernel in machine code of which one form is made.
     *
     * @param <P> the problem that kernels of the family solve
     * @param id the kernel's name
     * @param form what it needs of a machine
     * @param condition gives the reason why the kernel can't take a problem, or null if it can; a pure function
     * @param prepare makes the kernel, with the width of its vectors
     * @return the choice
     */
    public static <P> KernelChoice<P> assembled(
            String id, CodeForm form, Function<P, String> condition, BiFunction<P, Integer, Kernel> prepare) {
        return new KernelChoice<>(
                id,
                List.of(form),
                (problem, machine) -> condition.apply(problem),
                (problem, machine, match) -> prepare.apply(problem, match.bits()));
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

    /**
     * Why this kernel can't take a problem on a machine.
     *
     * @param problem the problem
     * @param machine the machine, which may differ from the one this runs on
     * @return the reason; null if it can
     */
    public String refusal(P problem, Capabilities machine) {
        String absent = forms.isEmpty() ? null : CodeForm.refusal(forms, machine);
        return absent == null ? condition.apply(problem, machine) : absent;
    }

    /**
     * Makes the kernel.
     *
     * @param problem a problem that it does not refuse
     * @param machine the machine
     * @return the kernel
     */
    public Kernel prepare(P problem, Capabilities machine) {
        return preparation.prepare(problem, machine, CodeForm.best(forms, machine));
    }
}
