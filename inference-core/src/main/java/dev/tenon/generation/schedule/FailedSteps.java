package dev.tenon.generation.schedule;

import dev.tenon.generation.schedule.StepPlanner.Share;
import java.util.ArrayDeque;
import java.util.List;

/**
 * The parts of steps that failed, which run by themselves before anything else is planned, so that a step fails in the end for those
 * sequences alone that it fails for. Until then nothing takes the pages of their sequences. Guarded by the lock of {@link StepLoop}.
 */
final class FailedSteps {
    private final ArrayDeque<List<Share<Sequence>>> parts = new ArrayDeque<>();

    /** The next part, without the sequences that have ended since; empty if there is none. */
    List<Share<Sequence>> next() {
        List<Share<Sequence>> part = List.of();
        while (part.isEmpty() && !parts.isEmpty()) {
            part = parts.pop().stream().filter(share -> !share.of().hasEnded()).toList();
        }
        return part;
    }

    /** Lets the halves of a step of two sequences or more run. */
    void halve(List<Share<Sequence>> shares) {
        int half = shares.size() / 2;
        parts.push(shares.subList(half, shares.size()));
        parts.push(shares.subList(0, half));
    }
}
