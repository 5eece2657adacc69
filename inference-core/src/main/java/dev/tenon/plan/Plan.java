package dev.tenon.plan;

import java.util.List;

/**
 * The steps of a call with inputs of certain shapes. Immutable.
 *
 * @param program the program that was planned
 * @param key the input shapes
 * @param steps the steps in order
 * @param inputs the locations of the graph's inputs
 * @param outputs the locations of the graph's outputs
 * @param memory the memory that a run needs
 * @param branchesKnown whether the shapes decide which branch an If takes. A program that is compiled for these shapes
 *     then has fewer steps
 */
public record Plan(
        Program program,
        ShapeKey key,
        List<Step> steps,
        List<ValueLocation> inputs,
        List<ValueLocation> outputs,
        PlanMemory memory,
        boolean branchesKnown) {
    /** The estimated heap bytes of a plan without steps, for the bound of the cache. */
    private static final long PLAN_BYTES = 512;

    /** The estimated heap bytes of a step or buffer. */
    private static final long STEP_BYTES = 400;

    /** Copies the lists. */
    public Plan {
        steps = List.copyOf(steps);
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /**
     * The buffers.
     *
     * @return the buffers, each with its place in the arena
     */
    public List<Buffer> buffers() {
        return memory.buffers();
    }

    /**
     * The number of slots for data whose shapes are only known during the run.
     *
     * @return at least 0
     */
    public int slots() {
        return memory.slots();
    }

    /**
     * The size of the arena.
     *
     * @return bytes
     */
    public long arenaBytes() {
        return memory.arenaBytes();
    }

    /**
     * The memory of the caller in which states are.
     *
     * @return bytes
     */
    public long stateBytes() {
        return buffers().stream()
                .filter(Buffer::isState)
                .mapToLong(Buffer::bytes)
                .sum();
    }

    /**
     * About how much memory this plan keeps from being freed, on the heap and outside of it: steps and buffers with
     * what a context binds to them, constants that were computed or packed for this plan, and the graph of a program
     * that was compiled for it. What the session has anyway does not count.
     *
     * @return bytes
     */
    public long heldBytes() {
        return PLAN_BYTES
                + STEP_BYTES * (steps.size() + buffers().size())
                + memory.constantBytes()
                + program.specializedBytes();
    }

    /**
     * How much larger the arena is than the largest live set, which no arena can be smaller than.
     *
     * @return a fraction of the largest live set, 0 if no layout is better
     */
    public double arenaExcess() {
        long bound = memory.lowerBoundBytes();
        return bound == 0 ? 0 : (double) (arenaBytes() - bound) / bound;
    }
}
