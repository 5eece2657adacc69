package dev.tenon.kernel.tabular;

import dev.tenon.op.tabular.Aggregate;
import dev.tenon.op.tabular.model.Forest;
import dev.tenon.tensor.DType;
import java.util.function.ToIntFunction;

/**
 * Trees over the rows of a matrix.
 *
 * @param forest the trees
 * @param rows the number of rows
 * @param features the number of columns
 * @param x the element type of the matrix
 * @param aggregate how weights are aggregated
 * @param end makes of what the weights of a row came to its results, in place, and gives the index of its label
 * @param labelled whether the first output is for labels
 * @param labels the labels that the index is of; null if nobody asks for them
 * @param scores the element type of the results; null if nobody asks for them
 */
public record TreeProblem(
        Forest forest,
        long rows,
        long features,
        DType x,
        Aggregate aggregate,
        ToIntFunction<double[]> end,
        boolean labelled,
        long[] labels,
        DType scores) {
    /**
     * Whether sums are double.
     *
     * @return true if the trees or the features are
     */
    public boolean wide() {
        return forest.wide() || x == DType.FLOAT64;
    }
}
