package dev.tenon.kernel.table.fused;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.StagedKernel;
import dev.tenon.op.Op;
import dev.tenon.op.fused.Fused;
import java.util.List;

/**
 * A family whose kernels can apply the body of a {@link Fused} operator to their results while they store them.
 *
 * @param <P> the problem that the kernels solve
 */
public interface AnchorFamily<P> extends KernelFamily<P> {
    /**
     * A problem with the body of an operator.
     *
     * @param problem the problem of the anchor
     * @param body the operators after the anchor
     * @return the problem of both, or the reason why no kernel applies the body
     */
    ProblemOrReason<P> with(P problem, FusedBody body);

    /**
     * How many parts of a body kernels apply where they store their results. The others may be a stage of their own, if that
     * pays.
     *
     * @param problem the problem of the anchor
     * @param body the operators after the anchor
     * @return the number, from the first part on; all unless a family says otherwise
     */
    default int absorbed(P problem, FusedBody body) {
        return body.parts();
    }

    /**
     * Whether the kernels need a body whose result has the type of the anchor's.
     *
     * @return true unless a family says otherwise
     */
    default boolean keepsType() {
        return true;
    }

    /**
     * Whether an operand of the anchor is read by the body too, so that it must not be packed.
     *
     * @param op the operator
     * @param input the operand
     * @return whether it is
     */
    default boolean isShared(Fused op, int input) {
        return op.uses(input) > 0;
    }

    @Override
    default boolean isFusible(Op op) {
        return true;
    }

    /**
     * The problem of an anchor with its body.
     *
     * @param anchor the anchor
     * @param step its operands
     * @param body the operators after the anchor
     * @return the problem, or the reason why there is none
     */
    default ProblemOrReason<P> problem(Op anchor, KernelRequest step, FusedBody body) {
        if (keepsType() && !body.keepsType()) {
            return ProblemOrReason.none("the body changes the type of the anchor's result");
        }
        ProblemOrReason<P> found = problem(anchor, step);
        return found.isProblem() ? with(found.problem(), body) : found;
    }

    /**
     * Prepares the kernel of an anchor with its body.
     *
     * @param anchor the anchor
     * @param step its operands
     * @param body the operators after the anchor
     * @return the kernel, or null if there is none
     */
    default Kernel prepare(Op anchor, KernelRequest step, FusedBody body) {
        ProblemOrReason<P> found = keepsType() && !body.keepsType() ? ProblemOrReason.none("") : problem(anchor, step);
        return found.isProblem() ? prepare(found.problem(), step, body) : null;
    }

    private Kernel prepare(P problem, KernelRequest step, FusedBody body) {
        int head = absorbed(problem, body);
        Kernel rest = body.stage(head);
        Kernel start = rest == null ? null : prepare(problem, step, body.head(head));
        return start == null || start.nextStage() != null || start.sharedBytes() > 0
                ? prepare(with(problem, body), step)
                : StagedKernel.of(start.id() + "_then_" + rest.id(), List.of(start, rest), 0);
    }
}
