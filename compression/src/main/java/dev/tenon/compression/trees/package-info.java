/**
 * Makes ensembles of trees smaller: equal parts are stored once, and trees are dropped that the others can stand in for.
 * {@link dev.tenon.compression.trees.Trees} is the entry. {@link dev.tenon.compression.trees.FewTrees} grows new trees that learn the
 * outputs of any model of tables.
 *
 * <p>Must not live here: how a row is scored. That is the operator's, and only the ranking of trees walks through them here.
 *
 * <p>To add a change of trees: a class that makes a {@code TreeTable} of another, and a line in {@code Trees}.
 */
package dev.tenon.compression.trees;
