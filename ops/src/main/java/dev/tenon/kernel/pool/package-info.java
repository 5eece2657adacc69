/**
 * The kernel family of pooling: maxima and averages over windows, with indices, with channels last, and of quantised numbers. It describes the work in a form that every tier understands ({@link dev.tenon.kernel.pool.PoolProblem}), for operators such as
 * MaxPool, AveragePool, GlobalAveragePool.
 *
 * <p>This package holds problems, layouts and cost models. Loops belong to {@code dev.tenon.kernel.scalar.pool} and
 * {@code dev.tenon.kernel.vector.pool}; the table that lists the kernels belongs to {@code dev.tenon.kernel.table}. It
 * must not depend on any of these three.
 *
 * <p>To add a kernel: write it in the package of its tier, then add one line to the family's table.
 */
package dev.tenon.kernel.pool;
