/**
 * Rules that merge, move and remove Transposes, and permute weights in their place.
 *
 * <p>The choice of a layout for whole regions of a graph must not live here: it is a pass, {@code LayoutAssignment}. To
 * add a rule, see {@link dev.tenon.graph.rules}.
 */
package dev.tenon.graph.rules.layout;
