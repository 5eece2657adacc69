/**
 * The one intermediate representation: {@link dev.tenon.graph.Graph}, {@link dev.tenon.graph.Node},
 * {@link dev.tenon.graph.Value}, made by {@link dev.tenon.graph.GraphBuilder}, checked by
 * {@link dev.tenon.graph.GraphVerifier}, printed and parsed by {@link dev.tenon.graph.GraphText}.
 *
 * <p>What must not live here: operators, kernels, file formats, rewrites (which live in the packages below).
 */
package dev.tenon.graph;
