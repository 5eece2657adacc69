package dev.tenon.kernel.norm;

import java.util.List;

/**
 * Normalisation of contiguous rows of float32 that are sums of rows.
 *
 * @param norm what is done with the sum; its output is the index of Y among the operands, which are scale, bias or null,
 *     the terms, Y, and perhaps the sum
 * @param terms what is added in order, at least one
 * @param sum whether the sum is an output too
 */
public record SumNormProblem(NormProblem norm, List<Term> terms, boolean sum) {
    /**
     * A problem.
     *
     * @param norm what is done with the sum
     * @param terms what is added in order, at least one
     * @param sum whether the sum is an output too
     */
    public SumNormProblem {
        terms = List.copyOf(terms);
    }

    /**
     * One term. To row r it adds its own row number {@code r / every % period}, or the row of its table that the index of
     * this number names.
     *
     * @param operand the index of what is added among the operands; indices come behind it
     * @param tableRows the rows of the table, or -1 if the rows are added as they are
     * @param indexBytes the bytes of an index, 4 or 8
     * @param every how many rows the same row is added to before the next one is
     * @param period the number of its rows, or of indices
     */
    public record Term(int operand, long tableRows, int indexBytes, long every, long period) {
        /**
         * Whether rows are taken from a table.
         *
         * @return false if they are added as they are
         */
        public boolean gathered() {
            return tableRows >= 0;
        }

        /**
         * The number of its own row that is added to a row, or of the index.
         *
         * @param row the row
         * @return a number below the period
         */
        public long number(long row) {
            return row / every % period;
        }
    }

    /**
     * Whether an output may be written over an input: over a term that has a row for each row, and that is read before.
     *
     * @param input an input
     * @param output 0 for Y, 1 for the sum
     * @return true if it may
     */
    public boolean inPlace(int input, int output) {
        boolean first = terms.getFirst().operand == input;
        boolean read = first || output == 0 && sum;
        for (Term t : terms) {
            if (read && t.operand == input && !t.gathered() && t.every == 1 && t.period == norm.rows()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether an input is a table, whose rows are copied before they are added.
     *
     * @param input an input
     * @return true if it is
     */
    public boolean isTable(int input) {
        for (Term t : terms) {
            if (t.operand == input && t.gathered()) {
                return true;
            }
        }
        return false;
    }
}
