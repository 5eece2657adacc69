/**
 * Facts about values and tensors that rules of several families ask for: shapes, weights that stay finite, values that
 * were quantised, axes in the reverse order. A fact of one family is kept with that family.
 *
 * <p>Rules must not live here. Whatever is here changes nothing, and bounds how far it looks into a graph.
 */
package dev.tenon.graph.rules.analysis;
