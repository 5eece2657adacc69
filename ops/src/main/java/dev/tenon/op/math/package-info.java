/**
 * Element-wise operators: arithmetic, elementary functions, activations, comparisons, logic, bits, selection, casts.
 * Operands are broadcast by the rules of NumPy.
 *
 * <p>Most are a function of one or two numbers, and then a record of a few lines that implements
 * {@link dev.tenon.op.math.UnaryFunction} or {@link dev.tenon.op.math.BinaryFunction}, which give it types, shapes and
 * the reference. What must not live here: operators that look at neighbours, axes or shapes. To add one: a record, a
 * line in {@link dev.tenon.op.math.MathOps}, a test file of its cases.
 */
package dev.tenon.op.math;
