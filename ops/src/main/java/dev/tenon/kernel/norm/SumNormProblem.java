package dev.tenon.kernel.norm;

import dev.tenon.kernel.copy.GatherProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Normalisation of sums of contiguous rows of float32, such as residual connections and sums of embeddings. Operands
 * are the scale, the bias or null, the terms, the output Y, and the sum if it is an output too.
 *
 * @param norm the normalisation of the sum; its output is the index of Y among the operands
 * @param terms the terms in the order in which they are added, at least one
 * @param sum whether the sum is an output too, the one after Y
 */
public record SumNormProblem(NormProblem norm, List<Term> terms, boolean sum) {
    /**
     * Makes a problem.
     *
     * @param norm the normalisation of the sum
     * @param terms the terms in the order in which they are added, at least one
     * @param sum whether the sum is an output too
     */
    public SumNormProblem {
        terms = List.copyOf(terms);
    }

    /**
     * A term of the sum. Its rows are stored in an operand, or gathered from a table by indices. Row r of the sum uses
     * row {@code r / repeat % count} of the term.
     *
     * @param operand the operand that holds the rows or the table; the operand after it holds the indices
     * @param tableRows the rows of the table; -1 if rows are not gathered
     * @param indexBytes the bytes of an index, 4 or 8
     * @param repeat how many consecutive rows of the sum use the same row of the term
     * @param count the number of rows of the term
     */
    public record Term(int operand, long tableRows, int indexBytes, long repeat, long count) {
        /**
         * Whether rows are gathered from a table.
         *
         * @return false if the operand holds the rows
         */
        public boolean isGathered() {
            return tableRows >= 0;
        }

        /**
         * The row of the term that a row of the sum uses, which is also the position of its index.
         *
         * @param row the row of the sum
         * @return less than {@link #count}
         */
        public long rowIndex(long row) {
            return row / repeat % count;
        }

        /**
         * The row of the table that a row of the sum uses.
         *
         * @param operands the operands of the kernel, of which the indices follow the table
         * @param row the row of the sum
         * @return a row of the table
         */
        public long tableRow(MemorySegment[] operands, long row) {
            MemorySegment indices = operands[operand + 1];
            long position = rowIndex(row);
            long index = indexBytes == Long.BYTES
                    ? indices.get(ValueLayout.JAVA_LONG, position * Long.BYTES)
                    : indices.get(ValueLayout.JAVA_INT, position * Integer.BYTES);
            return GatherProblem.resolve(index, tableRows);
        }
    }

    /**
     * Whether an output may occupy the memory of an input. The input must be a term with a row for each row of the sum,
     * and the kernel must read the row of the term before it writes that of the output.
     *
     * @param input the index of the input
     * @param output 0 for Y, 1 for the sum
     * @return true if it may
     */
    public boolean inPlace(int input, int output) {
        boolean isFirstTerm = terms.getFirst().operand == input;
        boolean isReadFirst = isFirstTerm || output == 0 && sum;
        for (Term t : terms) {
            if (isReadFirst && t.operand == input && !t.isGathered() && t.repeat == 1 && t.count == norm.rows()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether an input is a table. Kernels only copy rows from tables.
     *
     * @param input the index of the input
     * @return true if it is a table
     */
    public boolean isTable(int input) {
        for (Term t : terms) {
            if (t.operand == input && t.isGathered()) {
                return true;
            }
        }
        return false;
    }
}
