package dev.tenon.kernel.copy;

import java.util.List;

/**
 * Copies between operands that add up to an operator which moves elements.
 *
 * @param boxes disjoint boxes that cover the outputs
 */
public record CopyProblem(List<CopyBox> boxes) {
    /**
     * Copies.
     *
     * @param boxes disjoint boxes that cover the outputs
     */
    public CopyProblem {
        boxes = List.copyOf(boxes);
    }
}
