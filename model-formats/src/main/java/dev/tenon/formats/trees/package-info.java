/**
 * The parts that the readers of boosted trees share: the graph around the trees ({@link dev.tenon.formats.trees.RowGraph}), and
 * the function that makes predictions of the sums ({@link dev.tenon.formats.trees.Link}).
 *
 * <p>Code that knows one tool does not belong here. A new tool is a package with a reader that adds its trees to a
 * {@code ForestBuilder} and passes them to a {@code RowGraph}.
 */
package dev.tenon.formats.trees;
