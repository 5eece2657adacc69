/**
 * Rules that drop or simplify operators by what they compute: identities, chains of conversions and views, reversals of
 * an axis, targets of Reshape and branches of If that are known.
 *
 * <p>Rules that change the order of dimensions are in {@code layout}. To add a rule, see {@link dev.tenon.graph.rules}.
 */
package dev.tenon.graph.rules.algebra;
