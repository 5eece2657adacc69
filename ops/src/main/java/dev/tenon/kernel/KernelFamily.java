package dev.tenon.kernel;

import dev.tenon.op.Op;
import java.util.List;

/**
 * The kernels for one type of problem: how operators set such a problem, and the table that chooses among the kernels. An
 * operator may belong to several families, which are asked one after the other. Stateless and safe for any number of threads.
 *
 * @param <P> the problem that the kernels solve
 */
public interface KernelFamily<P> extends KernelLowering<Op> {
    /**
     * The kernels that can be chosen for a problem.
     *
     * @param problem a problem of this family
     * @return the table, the same one for all problems of most families
     */
    KernelTable<P> table(P problem);

    /**
     * The problem that a step sets.
     *
     * @param op an operator of the family
     * @param step the operands, whose dimensions are all known, and the machine
     * @return the problem, or the reason why there is none
     */
    ProblemOrReason<P> problem(Op op, KernelRequest step);

    @Override
    default Kernel prepare(Op op, KernelRequest step) {
        return prepare(problem(op, step), step);
    }

    /**
     * Chooses and prepares the kernel for a problem.
     *
     * @param found the problem, if there is one
     * @param step the operands and the machine
     * @return the kernel; null if there is no problem or no kernel for it
     */
    default Kernel prepare(ProblemOrReason<P> found, KernelRequest step) {
        P problem = found.problem();
        return problem == null ? null : table(problem).prepare(problem, step.capabilities());
    }

    @Override
    default List<String> refusals(Op op, KernelRequest step) {
        return refusals(problem(op, step), step);
    }

    /**
     * Why kernels of the family are not chosen for a problem.
     *
     * @param found the problem, if there is one
     * @param step the operands and the machine
     * @return a line for each kernel that is better than the chosen one, or the reason why there is no problem
     */
    default List<String> refusals(ProblemOrReason<P> found, KernelRequest step) {
        P problem = found.problem();
        if (problem == null) {
            return List.of(found.reason());
        }
        return table(problem).choose(problem, step.capabilities()).refusals();
    }
}
