/**
 * Operators that stand for several others. An optimised graph has one of them in place of nodes that are computed
 * together. The package is exported to Tenon's own modules only.
 *
 * <p>Operators of the standard do not belong here, and neither do the passes and rules that find groups of nodes. To add
 * an operator, write a record that can be written to a file as operators of the standard, its line in
 * {@link dev.tenon.op.fused.FusedOperators}, a class of test cases, and its kernels.
 */
package dev.tenon.op.fused;
