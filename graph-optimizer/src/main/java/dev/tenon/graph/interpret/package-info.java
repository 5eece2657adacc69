/**
 * Runs graphs node by node through the references of their operators, and lets observers see intermediate values. It is
 * slow and obvious, so that rewrites and plans can be checked against it.
 *
 * <p>Kernels, memory planning and anything fast must not live here.
 */
package dev.tenon.graph.interpret;
