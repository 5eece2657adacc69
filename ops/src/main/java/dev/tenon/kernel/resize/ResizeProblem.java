package dev.tenon.kernel.resize;

import dev.tenon.op.geometry.ResizeTaps;

/**
 * Resizes planes of dimensions {@code [outer, rows, columns, inner]} along rows and columns. Elements have 4 bytes.
 *
 * @param outer the number of planes
 * @param rows the taps of the rows of the result
 * @param columns the taps of the columns of the result
 * @param inner the product of the dimensions after the columns
 * @param copies whether each element of the result is a copy of one element; otherwise elements are float32
 * @param output the index of the output among the operands
 */
public record ResizeProblem(long outer, ResizeTaps rows, ResizeTaps columns, int inner, boolean copies, int output) {
    /**
     * The number of elements of a plane of the result.
     *
     * @return at least 1
     */
    public double planeElements() {
        return (double) rows.output() * columns.output() * inner;
    }
}
