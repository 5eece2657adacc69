/**
 * Passes: whole-graph steps from a graph to an equal one, for what is not local to a pattern. A
 * {@link dev.tenon.graph.pass.Pipeline} names and orders them.
 *
 * <p>The plan of the house has layouts as properties of values that only the planner knows. A layout that is a permutation
 * of dimensions is spelled in the graph instead, by {@link dev.tenon.graph.pass.LayoutAssignment}: values stay dense and
 * row-major, so that operators, kernels, views, memory planning, the interpreter and the writers take them as they are,
 * and what a turned graph computes is tested like any other. Blocks of channels would not be such a permutation.
 *
 * <p>What must not live here: local rewrites, which are rules; kernels. To add a pass: a class that implements
 * {@link dev.tenon.graph.pass.Pass} by copying the graph with {@link dev.tenon.graph.pass.GraphCopy}, and a line in a
 * pipeline. It tells its trace what it did, and what it nearly did with the reason why not; a reason that has to be put
 * together is only put together where the trace {@link dev.tenon.graph.rewrite.RewriteTrace#isKept is kept}.
 */
package dev.tenon.graph.pass;
