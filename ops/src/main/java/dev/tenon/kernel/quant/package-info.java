/**
 * The kernel family of quantisation: QuantizeLinear, DequantizeLinear and DynamicQuantizeLinear. {@link
 * dev.tenon.kernel.quant.QuantProblem} describes the work for every tier.
 *
 * <p>Must not live here: loops over elements. They belong to {@code dev.tenon.kernel.scalar.quant} and {@code
 * dev.tenon.kernel.vector.quant}; the table that lists the kernels belongs to {@code dev.tenon.kernel.table}. This package must
 * not depend on any of these three.
 *
 * <p>To add a kernel: write it in the package of its tier, then add one line to the family's table.
 */
package dev.tenon.kernel.quant;
