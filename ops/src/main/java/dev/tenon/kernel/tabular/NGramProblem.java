package dev.tenon.kernel.tabular;

import dev.tenon.tensor.DType;

/**
 * The n-grams of a table, counted in each row of a matrix of tokens. An n-gram is n tokens at equal distances. Those of one token
 * are counted once, others for each distance. Each n-gram has a column of its own.
 *
 * @param rows the number of rows
 * @param length the number of tokens of a row
 * @param dtype the element type of the tokens: int64 or int32
 * @param table the n-grams
 * @param most the largest n
 * @param maxDistance the largest distance of neighbours; 0 if only n-grams of one token count
 * @param mode the number that a column has
 * @param columns the number of columns
 */
public record NGramProblem(
        long rows, int length, DType dtype, NGramTable table, int most, int maxDistance, Mode mode, int columns) {
    /** A number of an n-gram. */
    public enum Mode {
        /** The count. */
        TF,
        /** The weight, if the count is above 0. */
        IDF,
        /** The product of count and weight. */
        TFIDF
    }

    /**
     * The most n-grams that a row has.
     *
     * @return how many, those that the table does not have included
     */
    public long walks() {
        return (long) length * (1 + (long) maxDistance * (Math.min(most, length) - 1L));
    }
}
