/**
 * ONNX models and data files.
 *
 * <p>{@link dev.tenon.formats.onnx.OnnxReader} lowers the operators of every version of the standard to canonical ones,
 * those of the newest version: {@code OnnxDomains} names the domains, and each domain has a table with a row for each operator and range of
 * versions, which names the lowering where the older form differs. Functions are expanded, and what bodies use from around them is passed to them.
 * {@link dev.tenon.formats.onnx.OnnxWriter} goes the other way: {@code OlderForms} has the older forms, and what came
 * with which version. {@link dev.tenon.formats.onnx.TensorFiles} reads and writes files that hold one value. The messages
 * themselves are in {@code proto}.
 *
 * <p>What must not live here: the wire format, rewrite rules, anything that optimises. A new operator is a row in
 * the table of its domain, such as {@code StandardDomain}; one with older forms also has a lowering, and an older form for
 * the writer where that is simple. A new element type is a line in {@code ElementTypes}, and a case in {@code OnnxTensors} if
 * its elements lie in a field of their own.
 */
package dev.tenon.formats.onnx;
