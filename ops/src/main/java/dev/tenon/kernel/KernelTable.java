package dev.tenon.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * The kernels of one family, best first, the scalar one last.
 *
 * @param <P> the problem that kernels of this family solve
 * @param family the family's name
 * @param choices the kernels, best first
 */
public record KernelTable<P>(String family, List<KernelChoice<P>> choices) {
    /**
     * A table.
     *
     * @param family the family's name
     * @param choices the kernels, best first
     */
    public KernelTable {
        choices = List.copyOf(choices);
    }

    /**
     * The first kernel that takes a problem. Pure: depends on nothing but its arguments.
     *
     * @param problem the problem
     * @param capabilities what the machine can do, which need not be this one
     * @return the choice, or null if no kernel takes the problem
     */
    public KernelChoice<P> select(P problem, Capabilities capabilities) {
        for (KernelChoice<P> choice : choices) {
            if (refusal(choice, problem, capabilities) == null) {
                return choice;
            }
        }
        return null;
    }

    private String refusal(KernelChoice<P> choice, P problem, Capabilities capabilities) {
        return admits(choice.id(), capabilities)
                ? choice.refusal().apply(problem, capabilities)
                : capabilities.asked() + " is asked for";
    }

    /**
     * Whether a kernel may be selected at all: any may, unless another one of this table is asked for.
     *
     * @param id the kernel's id
     * @param capabilities the machine, with what is asked for
     * @return false if another one is asked for
     */
    public boolean admits(String id, Capabilities capabilities) {
        if (capabilities.asked() == null || capabilities.asks(id)) {
            return true;
        }
        for (KernelChoice<P> choice : choices) {
            if (capabilities.asks(choice.id())) {
                return false;
            }
        }
        return true;
    }

    /**
     * Selects and prepares.
     *
     * @param problem the problem
     * @param capabilities what the machine can do
     * @return the kernel, or null if none takes the problem
     */
    public Kernel prepare(P problem, Capabilities capabilities) {
        KernelChoice<P> choice = select(problem, capabilities);
        return choice == null ? null : choice.prepare().apply(problem, capabilities);
    }

    /**
     * Why the kernels before the selected one were passed over.
     *
     * @param problem the problem
     * @param capabilities what the machine can do
     * @return one line per refusal, best kernel first
     */
    public List<String> refusals(P problem, Capabilities capabilities) {
        List<String> lines = new ArrayList<>();
        for (KernelChoice<P> choice : choices) {
            String why = refusal(choice, problem, capabilities);
            if (why == null) {
                break;
            }
            lines.add(choice.id() + ": " + why);
        }
        return lines;
    }
}
