/**
 * ONNX models and data files.
 *
 * <p>{@link dev.tenon.formats.onnx.OnnxReader} reads models of every version of the standard into canonical operators,
 * and {@link dev.tenon.formats.onnx.OnnxWriter} writes them for a chosen version.
 * {@link dev.tenon.formats.onnx.TensorFiles} reads and writes files that hold one value.
 *
 * <p>The packages below, each of which sees only those before it:
 *
 * <ul>
 *   <li>{@code proto}: the messages of the files
 *   <li>{@code data}: tensors, types and other values, converted from and to messages
 *   <li>{@code lowering}: from the graph of a file to canonical operators
 *   <li>{@code domain}: the operators of the standard, a row for each range of versions
 *   <li>{@code microsoft}: the operators of ONNX Runtime, a row for each
 *   <li>{@code writing}: from canonical operators to the graph of a file
 * </ul>
 *
 * <p>The wire format, rewrite rules and anything else that optimises do not belong here.
 */
package dev.tenon.formats.onnx;
