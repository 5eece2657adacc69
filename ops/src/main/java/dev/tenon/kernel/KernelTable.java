package dev.tenon.kernel;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.nativecode.CodeRefusedException;
import java.util.ArrayList;
import java.util.List;

/**
 * The kernels of one family, the fastest one first, the scalar one last.
 *
 * @param <P> the problem that kernels of this family solve
 * @param family the family's name
 * @param choices the kernels, the fastest one first
 */
public record KernelTable<P>(String family, List<KernelChoice<P>> choices) {
    /**
     * A table.
     *
     * @param family the family's name
     * @param choices the kernels, the fastest one first
     */
    public KernelTable {
        choices = List.copyOf(choices);
    }

    /**
     * The choice for a problem on a machine.
     *
     * @param <P> the problem
     * @param table the table
     * @param problem the problem
     * @param capabilities the machine
     * @param index the place of the chosen kernel in the table; the number of kernels if none can take the problem
     */
    public record Selection<P>(KernelTable<P> table, P problem, Capabilities capabilities, int index) {
        /**
         * The chosen kernel.
         *
         * @return the choice, or null if no kernel can take the problem
         */
        public KernelChoice<P> choice() {
            return index < table.choices.size() ? table.choices.get(index) : null;
        }

        /**
         * Why the kernels before the chosen one can't take the problem.
         *
         * @return a line for each of them, in the order of the table: its id and the reason
         */
        public List<String> refusals() {
            List<String> lines = new ArrayList<>();
            for (KernelChoice<P> each : table.choices.subList(0, index)) {
                String reason = table.refusal(each, problem, capabilities);
                lines.add(each.id() + ": " + (reason == null ? "the system gives no memory for its code" : reason));
            }
            return lines;
        }
    }

    /**
     * Chooses the first kernel that can take a problem. The result depends on the arguments only.
     *
     * @param problem the problem
     * @param capabilities the machine, which may differ from the one this runs on
     * @return the choice
     */
    public Selection<P> choose(P problem, Capabilities capabilities) {
        return choose(problem, capabilities, 0);
    }

    /** The same, of the kernels from a place on. */
    private Selection<P> choose(P problem, Capabilities capabilities, int from) {
        int index = from;
        while (index < choices.size() && refusal(choices.get(index), problem, capabilities) != null) {
            index++;
        }
        return new Selection<>(this, problem, capabilities, index);
    }

    private String refusal(KernelChoice<P> choice, P problem, Capabilities capabilities) {
        return admits(choice.id(), capabilities)
                ? choice.refusal(problem, capabilities)
                : capabilities.requested() + " is requested";
    }

    /**
     * Whether a kernel may be selected: true unless another kernel of this table is requested.
     *
     * @param id the kernel's id
     * @param capabilities the machine, with the requested kernel if there is one
     * @return false if another kernel of this table is requested
     */
    public boolean admits(String id, Capabilities capabilities) {
        if (capabilities.requested() == null || capabilities.isRequested(id)) {
            return true;
        }
        for (KernelChoice<P> choice : choices) {
            if (capabilities.isRequested(choice.id())) {
                return false;
            }
        }
        return true;
    }

    /**
     * Selects and prepares a kernel. If the system gives no memory for its code, the next kernel that can take the problem
     * stands in.
     *
     * @param problem the problem
     * @param capabilities the machine
     * @return the kernel, or null if none can take the problem
     * @throws ResourceLimitException if the system gives no memory for code, and all kernels that can take the problem need it
     */
    public Kernel prepare(P problem, Capabilities capabilities) {
        CodeRefusedException refused = null;
        Selection<P> found = choose(problem, capabilities);
        for (KernelChoice<P> choice = found.choice(); choice != null; choice = found.choice()) {
            try {
                return choice.prepare(problem, capabilities);
            } catch (CodeRefusedException e) {
                System.getLogger("dev.tenon").log(System.Logger.Level.WARNING, choice.id() + ": " + e.getMessage());
                refused = e;
                found = choose(problem, capabilities, found.index() + 1);
            }
        }
        if (refused != null) {
            throw new ResourceLimitException(
                    family, refused.getMessage(), null, "start java with -Dtenon.native=off", refused);
        }
        return null;
    }
}
