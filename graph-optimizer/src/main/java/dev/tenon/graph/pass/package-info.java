/**
 * Passes: steps from a graph to an equal graph, for rewrites that are not local to a pattern. A {@link
 * dev.tenon.graph.pass.Pipeline} names them and puts them in order: read it first.
 *
 * <p>The architecture has layouts as properties of values that only the planner knows. A layout that is a permutation
 * of dimensions is written into the graph instead, by {@link dev.tenon.graph.pass.LayoutAssignment}. Values stay dense
 * and row-major, so that operators, kernels, views, memory planning, the interpreter and the writers need to know
 * nothing of layouts, and a transposed graph is tested like any other. Blocks of channels would not be such a
 * permutation.
 *
 * <p>Local rewrites must not live here: they are rules. Kernels must not either. To add a pass, write a class that
 * implements {@link dev.tenon.graph.pass.Pass} by copying the graph with {@link dev.tenon.graph.pass.GraphCopy}, and
 * add it to a pipeline. It applies itself to the bodies of control operators first, by {@code Bodies}, and gives back a graph in
 * which nothing changes as it is. The pass tells its trace each rewrite, and each rewrite that it refuses with the reason. It
 * builds its result with the trace, so that values can be followed. The text of a reason is only put together if the
 * trace {@link dev.tenon.graph.rewrite.RewriteTrace#isKept is kept}.
 */
package dev.tenon.graph.pass;
