/**
 * Operators of the domain {@code com.microsoft} that operators of the standard can't express. Each is one record. Where
 * the documentation of the domain does not define a rounding, integers are rounded as ONNX Runtime rounds them.
 *
 * <p>Kernels, graphs and operators that the standard's own can express do not belong here; the ONNX reader lowers the
 * latter. To add an operator, write its record, its line in {@code ContribOperators} ({@code dev.tenon.op.catalog}) and
 * a class of test cases.
 */
package dev.tenon.op.contrib;
