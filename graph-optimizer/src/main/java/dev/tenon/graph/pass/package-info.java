/**
 * Passes: whole-graph steps from a graph to an equal one, for what is not local to a pattern. A
 * {@link dev.tenon.graph.pass.Pipeline} names and orders them.
 *
 * <p>What must not live here: local rewrites, which are rules; kernels. To add a pass: a class that implements
 * {@link dev.tenon.graph.pass.Pass} by copying the graph with {@link dev.tenon.graph.pass.GraphCopy}, and a line in a
 * pipeline.
 */
package dev.tenon.graph.pass;
