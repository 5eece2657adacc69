package dev.tenon.op.tabular.model;

/**
 * A support vector machine. It applies a kernel function to the products or distances, and adds the values up with some sets of
 * coefficients.
 */
public interface SupportVectorModel extends RowModel {
    /** The kinds of kernel functions. */
    enum Function {
        /** The product. */
        IDENTITY,
        /** The power of {@code gamma x + offset} with the degree as exponent. */
        POWER,
        /** {@code exp(-gamma x)}. */
        EXPONENTIAL,
        /** {@code tanh(gamma x + offset)}. */
        TANH
    }

    /**
     * The kernel function.
     *
     * @return its kind
     */
    Function function();

    /**
     * The factor of the kernel function's argument.
     *
     * @return gamma
     */
    double gamma();

    /**
     * The number that the kernel function adds to its argument.
     *
     * @return the offset
     */
    double offset();

    /**
     * The exponent of {@link Function#POWER}.
     *
     * @return the degree
     */
    double degree();

    /**
     * The number of sums of kernel values.
     *
     * @return the number, at least 1
     */
    int sums();

    /**
     * The weight of a vector in a sum.
     *
     * @param vector a vector
     * @param sum a sum
     * @return the weight, 0 if the vector has no part in the sum
     */
    double coefficient(int vector, int sum);

    /**
     * Makes the results of a row from its sums.
     *
     * @param sums the sums, {@link #sums} elements
     * @param work {@link #workSize} elements with any contents
     * @param results the results, {@link #results} elements, overwritten
     * @return the index of the label; 0 for models without labels
     */
    int decide(double[] sums, double[] work, double[] results);
}
