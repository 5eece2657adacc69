package dev.tenon.kernel.tabular;

import dev.tenon.op.Op;
import dev.tenon.op.tabular.model.RowModel;
import dev.tenon.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * A linear model or a support vector machine over the rows of a matrix. Its results are float32.
 *
 * @param op the operator, for which packed forms of the model are kept
 * @param model the model
 * @param rows the number of rows
 * @param dtype the element type of the matrix
 * @param hasLabelOutput whether the first output is for labels
 * @param labels the labels by their index; null if nothing reads them
 * @param writesScores whether anything reads the results
 */
public record RowModelProblem(
        Op op, RowModel model, long rows, DType dtype, boolean hasLabelOutput, long[] labels, boolean writesScores) {
    /**
     * Writes the results of a row.
     *
     * @param operands the operands: the rows, the labels if the operator has them, and the results
     * @param r the row
     * @param label the index of its label
     * @param results its results
     */
    public void writeRow(MemorySegment[] operands, long r, int label, double[] results) {
        if (labels != null) {
            TableCells.writeLabel(operands[1], r, labels[label]);
        }
        if (writesScores) {
            TableCells.write(operands[hasLabelOutput ? 2 : 1], DType.FLOAT32, r * results.length, results);
        }
    }
}
