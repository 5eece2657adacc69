/**
 * Turns the graph of an ONNX file into a graph of canonical operators: those of the newest operator set.
 *
 * <p>{@link dev.tenon.formats.onnx.lowering.ModelLowering} has what the whole model shares: tensors, functions, versions. It
 * starts a {@code GraphLowering} for the model's graph, which walks the nodes and starts another one for each call of a function
 * and each body. Read its method {@code lower} first. For each node it finds a {@link dev.tenon.formats.onnx.lowering.Lowering} in the
 * {@link dev.tenon.formats.onnx.lowering.OperatorTable} of the domain. A lowering adds canonical nodes through a
 * {@link dev.tenon.formats.onnx.lowering.NodeLowering} and an {@link dev.tenon.formats.onnx.lowering.OpBuilder}.
 *
 * <p>The lowerings of particular operators do not belong here, and nothing that optimises. They are in {@code domain}
 * and {@code microsoft}.
 */
package dev.tenon.formats.onnx.lowering;
