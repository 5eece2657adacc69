package dev.tenon.kernel.copy;

import java.util.List;

/**
 * An operator that moves elements, as copies of boxes.
 *
 * @param boxes disjoint boxes that cover the outputs
 */
public record CopyProblem(List<CopyBox> boxes) {
    /**
     * A problem.
     *
     * @param boxes disjoint boxes that cover the outputs
     */
    public CopyProblem {
        boxes = List.copyOf(boxes);
    }
}
