package dev.tenon.kernel.gemm;

/**
 * The size of a matrix product.
 *
 * @param m rows of the left matrix and of the result
 * @param n columns of the right matrix and of the result
 * @param k columns of the left matrix, rows of the right one
 */
public record ProductSize(int m, int n, int k) {}
