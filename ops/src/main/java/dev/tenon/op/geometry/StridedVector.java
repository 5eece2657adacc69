package dev.tenon.op.geometry;

import dev.tenon.tensor.Tensor;

/**
 * A row or column of a matrix: elements of a tensor at equal distances.
 *
 * @param tensor the tensor, of any numeric element type
 * @param start the flat index of the first element
 * @param step the distance between two elements
 */
public record StridedVector(Tensor tensor, long start, long step) {
    /**
     * One element.
     *
     * @param i its index in the vector
     * @return its value
     */
    public double getDouble(long i) {
        return tensor.getDouble(start + i * step);
    }

    /**
     * One element of an integer type.
     *
     * @param i its index in the vector
     * @return its value
     */
    public long getLong(long i) {
        return tensor.getLong(start + i * step);
    }

    /**
     * The dot product with another vector in float64.
     *
     * @param other the other vector
     * @param length the number of elements of both
     * @return the sum of products
     */
    public double dot(StridedVector other, long length) {
        double sum = 0;
        for (long i = 0; i < length; i++) {
            sum += getDouble(i) * other.getDouble(i);
        }
        return sum;
    }

    /**
     * The dot product with another vector of integers. It wraps around at 64 bits.
     *
     * @param other the other vector
     * @param length the number of elements of both
     * @return the sum of products
     */
    public long integerDot(StridedVector other, long length) {
        long sum = 0;
        for (long i = 0; i < length; i++) {
            sum += getLong(i) * other.getLong(i);
        }
        return sum;
    }
}
