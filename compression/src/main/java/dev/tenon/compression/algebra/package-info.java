/**
 * Linear algebra in double: the few decompositions that techniques need, by EJML. Matrices are arrays in row-major order.
 *
 * <p>Must not live here: anything that knows models or layers.
 *
 * <p>To add a decomposition: a method of {@link dev.tenon.compression.algebra.Dense} on arrays.
 */
package dev.tenon.compression.algebra;
