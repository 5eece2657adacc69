package dev.tenon.plan;

import java.util.List;

/**
 * The steps for one set of input shapes. Immutable.
 *
 * @param program the program of which the steps are
 * @param key the input shapes that the plan is for
 * @param steps the steps in order
 * @param buffers the buffers, each with its place in the arena
 * @param inputs the places of the graph's inputs
 * @param outputs the places of the graph's outputs
 * @param slots the number of slots for data of which only run time knows the shape
 * @param arenaBytes the size of the arena
 * @param scratchBytes the largest scratch memory that a kernel of the plan needs
 * @param lowerBoundBytes the largest sum of buffers that live at the same time: no layout can be smaller
 * @param branchesKnown whether the shapes tell which branch some If takes, so that a program for them alone has fewer
 *     steps
 */
public record Plan(
        Program program,
        ShapeKey key,
        List<Step> steps,
        List<Buffer> buffers,
        List<ValueLocation> inputs,
        List<ValueLocation> outputs,
        int slots,
        long arenaBytes,
        long scratchBytes,
        long lowerBoundBytes,
        boolean branchesKnown) {
    /** Estimated heap bytes of a plan with nothing in it, and of each step and buffer, for the bound of the cache. */
    private static final long PLAN_BYTES = 512;

    private static final long STEP_BYTES = 400;

    /**
     * About how much heap this plan takes, what is bound to it included.
     *
     * @return bytes
     */
    public long heapBytes() {
        return PLAN_BYTES + STEP_BYTES * (steps.size() + buffers.size());
    }

    /**
     * How much larger the arena is than the largest live set, which no layout can be smaller than.
     *
     * @return a fraction of the largest live set, 0 if the layout can't be better
     */
    public double arenaExcess() {
        return lowerBoundBytes == 0 ? 0 : (double) (arenaBytes - lowerBoundBytes) / lowerBoundBytes;
    }
}
