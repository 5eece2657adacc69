/**
 * Models for tables in machine code. {@link dev.tenon.kernel.x64.tabular.X64SupportVectors} multiplies rows with support vectors,
 * by the products of {@link dev.tenon.kernel.x64.gemm}.
 *
 * <p>Tree ensembles: {@link dev.tenon.kernel.x64.tabular.X64Trees} is the kernel. {@code WalkEmitter} writes the
 * walks, eight at a time, because each step of a walk waits for the loads of the step before: eight rows through one tree, or one
 * row through eight trees. {@code KeyEmitter} writes the function that makes integers of features, which walks compare.
 *
 * <p>Must not live here: the form of the trees, which is {@link dev.tenon.kernel.tabular.TreeRecords}, and choices between
 * kernels.
 *
 * <p>To add a kernel function of support vectors: a line of {@code SupportVectorFunctions}. To add a way to walk: an emitter, and a
 * place in {@code X64Trees} that says for how many rows it pays.
 */
package dev.tenon.kernel.x64.tabular;
