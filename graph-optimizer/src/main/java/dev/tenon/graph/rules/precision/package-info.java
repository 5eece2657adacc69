/**
 * Rules that compute products with constant weights in fewer bits than the model says. They change results, so a session
 * applies them only if its options ask for it. {@link dev.tenon.graph.rules.StandardRules} has none of them.
 *
 * <p>To add a rule, see {@link dev.tenon.graph.rules}.
 */
package dev.tenon.graph.rules.precision;
