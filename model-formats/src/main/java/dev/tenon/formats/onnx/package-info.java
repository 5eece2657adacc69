/**
 * ONNX: tensors and data files.
 *
 * <p>{@link dev.tenon.formats.onnx.OnnxTensors} turns the tensors of a model file into
 * {@link dev.tenon.tensor.Tensor}s and back, {@link dev.tenon.formats.onnx.TensorFiles} reads and writes files that hold
 * one value. The messages themselves are in {@code proto}.
 *
 * <p>What must not live here: the wire format, rewrite rules, anything that optimises. A new element type is a line in
 * {@code ElementTypes}, and a case in {@code OnnxTensors} if its elements lie in a field of their own.
 */
package dev.tenon.formats.onnx;
