/**
 * Element-wise operators: arithmetic, elementary functions, activations, comparisons, logic, bits, selection, casts.
 * Operands are broadcast by the rules of NumPy.
 *
 * <p>Most operators are a function of one or two numbers. Such an operator is a record of a few lines: its schema and its
 * formula. It implements {@link dev.tenon.op.math.UnaryFunction} or {@link dev.tenon.op.math.BinaryFunction}, which
 * derive types, shapes and the reference from the formula.
 *
 * <p>Operators that look at neighbours, axes or shapes do not belong here. To add an operator, write its record, its line
 * in {@code MathOperators} ({@code dev.tenon.op.catalog}) and a class of test cases.
 */
package dev.tenon.op.math;
