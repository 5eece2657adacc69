/**
 * Operators of gradients that no operator of the standard computes well. Each stands for several operators of the standard,
 * which define its result. The package is exported to Tenon's own modules only.
 *
 * <p>The rules that make these operators do not belong here: they are in {@code dev.tenon.graph.gradient}. Most gradients
 * need no operator of their own. To add one, write a record that is a {@link dev.tenon.op.fused.Composite}, its line in
 * {@link dev.tenon.op.gradient.GradientOperators}, a class of test cases, and its kernels.
 */
package dev.tenon.op.gradient;
