/**
 * Operators: what an operator is ({@link dev.tenon.op.Op}), its formal side ({@link dev.tenon.op.OpSchema}), its
 * accuracy contract ({@link dev.tenon.op.Numerics}), and the immutable tables of them ({@link dev.tenon.op.OpSet}).
 * The operators themselves live in the packages below, one record each, by family.
 *
 * <p>What must not live here: graphs, passes, file formats. To add an operator: a record in the package of its family,
 * a line in that family's table, a test file of its cases, and a line in the ONNX table per opset range.
 */
package dev.tenon.op;
