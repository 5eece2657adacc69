package dev.tenon.kernel.resize;

import dev.tenon.op.geometry.ResizeTaps;

/**
 * Resizing of planes {@code [outer, rows, columns, inner]} of elements of 4 bytes along rows and columns.
 *
 * @param outer the number of planes
 * @param rows how the rows of the result are made
 * @param columns how its columns are made
 * @param inner the elements that move together
 * @param move whether each element is made of one with weight 1, to be copied bit by bit
 * @param output the index of the output among the operands
 */
public record ResizeProblem(long outer, ResizeTaps rows, ResizeTaps columns, int inner, boolean move, int output) {
    /**
     * The elements of the result.
     *
     * @return at least 1
     */
    public double elements() {
        return (double) outer * rows.output() * columns.output() * inner;
    }
}
