package dev.tenon.plan;

import java.util.List;

/**
 * The memory that a run of a plan needs.
 *
 * @param buffers the buffers, each with its place in the arena
 * @param slots the number of slots for data whose shapes are only known during the run
 * @param arenaBytes the size of the arena
 * @param scratchBytes the largest scratch memory that a kernel of the plan needs
 * @param lowerBoundBytes the largest sum of buffers that live at the same time: no arena can be smaller
 * @param constantBytes the memory of constants that only this plan has
 */
public record PlanMemory(
        List<Buffer> buffers, int slots, long arenaBytes, long scratchBytes, long lowerBoundBytes, long constantBytes) {
    /** Copies the list. */
    public PlanMemory {
        buffers = List.copyOf(buffers);
    }
}
