/**
 * Element-wise loops in x86-64 code: elementary functions of vectors ({@link
 * dev.tenon.kernel.x64.elementwise.MathEmitter}), which loops over rows use too, and the loops of operators ({@link
 * dev.tenon.kernel.x64.elementwise.AssembledLoops}).
 *
 * <p>To add an operator: one constant of {@link dev.tenon.kernel.x64.elementwise.UnaryCode} or {@link
 * dev.tenon.kernel.x64.elementwise.BinaryCode}, with the operations of the vector tier, so that results have the same bits; and
 * its line in the table of the operator.
 */
package dev.tenon.kernel.x64.elementwise;
