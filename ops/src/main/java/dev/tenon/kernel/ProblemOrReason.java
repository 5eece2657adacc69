package dev.tenon.kernel;

/**
 * The problem that a step sets to the kernels of a family, or the reason why it sets none.
 *
 * @param <P> the type of the family's problems
 * @param problem the problem; null if there is none
 * @param reason why there is none, as the end of a sentence about the step; null if there is a problem
 */
public record ProblemOrReason<P>(P problem, String reason) {
    /**
     * A problem.
     *
     * @param <P> the type of the family's problems
     * @param problem the problem, not null
     * @return the problem
     */
    public static <P> ProblemOrReason<P> of(P problem) {
        return new ProblemOrReason<>(problem, null);
    }

    /**
     * No problem.
     *
     * @param <P> the type of the family's problems
     * @param reason why no kernel of the family can compute the step, such as {@code "the element type is float16"}
     * @return the reason
     */
    public static <P> ProblemOrReason<P> none(String reason) {
        return new ProblemOrReason<>(null, reason);
    }

    /**
     * Whether there is a problem.
     *
     * @return false if there is a reason
     */
    public boolean isProblem() {
        return problem != null;
    }
}
