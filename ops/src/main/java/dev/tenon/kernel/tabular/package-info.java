/**
 * The kernel family of models for tables: tree ensembles ({@link dev.tenon.kernel.tabular.TreeProblem}), linear models and support
 * vector machines ({@link dev.tenon.kernel.tabular.RowModelProblem}), rows divided by their norms ({@link
 * dev.tenon.kernel.tabular.NormalizerProblem}), and what makes features of numbers: tables ({@link
 * dev.tenon.kernel.tabular.LookupProblem}), categories ({@link dev.tenon.kernel.tabular.OneHotEncoderProblem}) and n-grams ({@link
 * dev.tenon.kernel.tabular.NGramProblem}). {@link dev.tenon.kernel.tabular.TreeLayout} stores trees in the form that scalar
 * kernels walk through, {@link dev.tenon.kernel.tabular.TreeRecords} in that for machine code.
 *
 * <p>Must not live here: loops over the rows of a table. They belong to {@code dev.tenon.kernel.scalar.tabular} and {@code
 * dev.tenon.kernel.x64.tabular}; the tables that list the kernels belong to {@code dev.tenon.kernel.table}. This package must not
 * depend on any of them. There is no vector tier: vectors would not load from many addresses faster than scalar loops do.
 *
 * <p>To add a kernel: write it in the package of its tier, then add one line to the family's table.
 */
package dev.tenon.kernel.tabular;
