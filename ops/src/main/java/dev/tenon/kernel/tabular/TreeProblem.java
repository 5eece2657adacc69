package dev.tenon.kernel.tabular;

import dev.tenon.op.tabular.Aggregate;
import dev.tenon.op.tabular.model.Forest;
import dev.tenon.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.function.ToIntFunction;

/**
 * A tree ensemble over the rows of a matrix.
 *
 * @param forest the trees
 * @param rows the number of rows
 * @param features the number of columns
 * @param dtype the element type of the matrix
 * @param aggregate how the weights of the leaves that a row reaches are aggregated
 * @param finish turns the aggregated weights of a row into its results, in place, and returns the index of its label
 * @param outputs the outputs
 */
public record TreeProblem(
        Forest forest,
        long rows,
        long features,
        DType dtype,
        Aggregate aggregate,
        ToIntFunction<double[]> finish,
        Outputs outputs) {
    /**
     * The outputs of an ensemble: the labels if it is a classifier, then the results.
     *
     * @param hasLabels whether the first output is for labels
     * @param labels the labels by their index; null if nothing reads them
     * @param scores the element type of the results; null if nothing reads them
     */
    public record Outputs(boolean hasLabels, long[] labels, DType scores) {}

    /**
     * Whether sums are double.
     *
     * @return true if the weights or the features are double
     */
    public boolean sumsInDouble() {
        return forest.wide() || dtype == DType.FLOAT64;
    }

    /**
     * Finishes a row and writes its results.
     *
     * @param operands the operands: the rows, the labels if the operator has them, and the results
     * @param r the row
     * @param scores its aggregated weights, which this replaces by the results
     */
    public void writeRow(MemorySegment[] operands, long r, double[] scores) {
        int label = finish.applyAsInt(scores);
        if (outputs.labels() != null) {
            TableCells.writeLabel(operands[1], r, outputs.labels()[label]);
        }
        if (outputs.scores() != null) {
            TableCells.write(operands[outputs.hasLabels() ? 2 : 1], outputs.scores(), r * scores.length, scores);
        }
    }
}
