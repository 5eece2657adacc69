/**
 * The kernel family of trees, linear models and support vector machines. It describes the work in a form that every tier understands ({@link dev.tenon.kernel.tabular.TreeProblem} and {@link dev.tenon.kernel.tabular.RowModelProblem}), for operators such as
 * TreeEnsemble, LinearRegressor, SVMClassifier.
 *
 * <p>This package holds problems, layouts and cost models. Loops belong to {@code dev.tenon.kernel.scalar.tabular} and
 * {@code dev.tenon.kernel.vector.tabular}; the table that lists the kernels belongs to {@code dev.tenon.kernel.table}. It
 * must not depend on any of these three.
 *
 * <p>To add a kernel: write it in the package of its tier, then add one line to the family's table.
 */
package dev.tenon.kernel.tabular;
