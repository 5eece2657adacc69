/**
 * Operators that move, select and create data: none of them computes with floating-point numbers, but for
 * {@link dev.tenon.op.shape.CumSum}, {@link dev.tenon.op.shape.CumProd}, {@link dev.tenon.op.shape.Range} and the
 * reductions of the scatter operators. Each is in the form of the newest opset; older forms are lowered by the module
 * that reads models.
 *
 * <p>Integers that describe shapes flow through here as symbolic dimensions ({@link dev.tenon.op.Op#inferValue}), so
 * that the shape arithmetic of exported models resolves before any value is known. A symbolic element is used as it is
 * where its sign does not matter or is provable; where a meaning hangs on the sign ({@link dev.tenon.op.shape.Slice})
 * and it is not provable, the result is a fresh symbol.
 *
 * <p>What must not live here: arithmetic on elements, operators on sequences. To add an operator: its record, a line in
 * {@link dev.tenon.op.shape.ShapeOps}, its cases among the tests.
 */
package dev.tenon.op.shape;
