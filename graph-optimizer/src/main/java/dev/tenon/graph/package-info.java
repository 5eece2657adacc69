/**
 * The intermediate representation of models: {@link dev.tenon.graph.Graph}, {@link dev.tenon.graph.Node}, {@link
 * dev.tenon.graph.Value}. A {@link dev.tenon.graph.GraphBuilder} makes a graph, a {@link dev.tenon.graph.GraphEditor}
 * changes one, a {@link dev.tenon.graph.GraphIndex} searches one, a {@link dev.tenon.graph.GraphVerifier} checks one,
 * and {@link dev.tenon.graph.GraphText} prints and parses one. Operators that hold graphs implement {@link
 * dev.tenon.graph.GraphOp}.
 *
 * <p>Read {@link dev.tenon.graph.Graph} first, then {@link dev.tenon.graph.GraphBuilder#add}, by which every graph is made.
 * The edits that an editor collects are in {@code DraftNode}, {@code DraftUses} and {@code DraftOutputs}, and {@code
 * EditedGraph} makes the new graph of them.
 *
 * <p>Values and nodes have numbers ({@link dev.tenon.graph.GraphElement}). What a pass knows of them is in an {@link
 * dev.tenon.graph.ElementMap}; how often values are used, and by which nodes, is in {@link dev.tenon.graph.GraphUses}.
 *
 * <p>Operators, kernels, file formats and rewrites must not live here. This package uses none of the packages below it.
 */
package dev.tenon.graph;
