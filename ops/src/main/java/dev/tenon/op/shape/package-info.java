/**
 * Operators that move, select and create data. None computes with floating-point numbers, except
 * {@link dev.tenon.op.shape.CumSum}, {@link dev.tenon.op.shape.CumProd}, {@link dev.tenon.op.shape.Range} and the
 * reductions of the scatter operators. Each is in the form of the newest opset; the module that reads models lowers older
 * forms.
 *
 * <p>Integers that describe shapes pass through these operators as symbolic dimensions
 * ({@link dev.tenon.op.Op#inferValue}). So the shape arithmetic of exported models is resolved before any value is known.
 * A symbolic element is used as it is where its sign does not matter or can be proved. Where the meaning of an operator
 * depends on the sign ({@link dev.tenon.op.shape.Slice}) and the sign can't be proved, the result is a fresh symbol.
 *
 * <p>Arithmetic on elements and operators on sequences do not belong here. To add an operator, write its record, its line
 * in {@code ShapeOperators} ({@code dev.tenon.op.catalog}) and a class of test cases.
 */
package dev.tenon.op.shape;
