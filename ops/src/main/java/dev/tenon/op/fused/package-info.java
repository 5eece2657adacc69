/**
 * Operators that stand for several: what an optimised graph holds in place of nodes that are computed together.
 *
 * <p>What must not live here: operators of the standard, and how fused ones are found, which is a matter of passes and
 * rules. To add one: a record that implements {@link dev.tenon.op.Op} and can be written as operators of the standard,
 * its line in {@link dev.tenon.op.fused.FusedOps}, its cases, and its kernels.
 */
package dev.tenon.op.fused;
