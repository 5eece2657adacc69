package dev.tenon.op.tabular.model;

/**
 * A model that depends on a row only through its products with some vectors, or its distances from them: linear models
 * and support vector machines.
 */
public interface RowModel {
    /**
     * The number of features of a row.
     *
     * @return the number
     */
    int features();

    /**
     * The number of vectors.
     *
     * @return the number, at least 1
     */
    int vectors();

    /**
     * A component of a vector.
     *
     * @param vector a vector
     * @param feature a feature
     * @return the component
     */
    double component(int vector, int feature);

    /**
     * Whether the squared distance to each vector is computed, instead of the product with it.
     *
     * @return true for the square of the distance, false for the product
     */
    boolean distances();

    /**
     * The number of results of a row.
     *
     * @return the number
     */
    int results();

    /**
     * The size of the memory that {@link #finish} works in.
     *
     * @return a number of elements
     */
    int workSize();

    /**
     * Makes the results of a row.
     *
     * @param products the products or distances; may be overwritten
     * @param work {@link #workSize} elements with any contents
     * @param results the results, {@link #results} elements, overwritten
     * @return the index of the label; 0 for models without labels
     */
    int finish(double[] products, double[] work, double[] results);
}
