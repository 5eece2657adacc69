/**
 * The interface of operators: {@link dev.tenon.op.Op}, its formal side ({@link dev.tenon.op.OpSchema}), its accuracy
 * contract ({@link dev.tenon.op.Numerics}), and immutable sets of operators ({@link dev.tenon.op.OpSet}). The operators
 * themselves are records in the packages below, by family. The package {@code catalog} lists them.
 *
 * <p>Graphs, passes and file formats do not belong here. To add an operator, write a record in the package of its family,
 * a line in the table of that family in {@code catalog}, a class of test cases, and a line in the ONNX table for each
 * range of opset versions.
 */
package dev.tenon.op;
