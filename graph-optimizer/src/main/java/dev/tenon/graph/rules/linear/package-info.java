/**
 * Rules that fold constants into the weights of products and convolutions, or merge two of these operators into one.
 *
 * <p>Rules for integer products are in {@code quant}. To add a rule, see {@link dev.tenon.graph.rules}.
 */
package dev.tenon.graph.rules.linear;
