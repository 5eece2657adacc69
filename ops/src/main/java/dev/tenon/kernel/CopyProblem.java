package dev.tenon.kernel;

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

    /**
     * Whether a part of the problem is a transpose.
     *
     * @param width the size of an element, bytes
     * @return true if there is one of elements of that size
     */
    boolean hasTranspose(int width) {
        return boxes.stream().anyMatch(b -> b.kind() == CopyBox.Kind.TRANSPOSE && b.width() == width);
    }
}
