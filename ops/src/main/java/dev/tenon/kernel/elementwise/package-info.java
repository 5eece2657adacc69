/**
 * The kernel family of element-wise operators: the loops that tiers implement, broadcasting, and chains of loops that run tile by tile. It describes the work in a form that every tier understands ({@link dev.tenon.kernel.elementwise.ElementwiseProblem}), for operators such as
 * Add, Erf, Cast, Where.
 *
 * <p>This package holds problems, layouts and cost models. Loops belong to {@code dev.tenon.kernel.scalar.elementwise} and
 * {@code dev.tenon.kernel.vector.elementwise}; the table that lists the kernels belongs to {@code dev.tenon.kernel.table}. It
 * must not depend on any of these three.
 *
 * <p>To add a kernel: write it in the package of its tier, then add one line to the family's table.
 */
package dev.tenon.kernel.elementwise;
