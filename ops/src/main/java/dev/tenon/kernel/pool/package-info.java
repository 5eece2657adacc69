/**
 * The kernel family of pooling: maxima and averages over windows, maxima with their indices, channels-last pooling, and
 * quantised averages. It describes pooling in a form that every tier understands ({@link
 * dev.tenon.kernel.pool.PoolProblem}), for operators such as MaxPool, AveragePool and GlobalAveragePool.
 *
 * <p>This package holds problems. Loops belong to {@code dev.tenon.kernel.scalar.pool} and {@code
 * dev.tenon.kernel.vector.pool}; the table that lists the kernels belongs to {@code dev.tenon.kernel.table}. This
 * package must not depend on any of these three.
 *
 * <p>To add a kernel: write it in the package of its tier, then add one line to the family's table.
 */
package dev.tenon.kernel.pool;
