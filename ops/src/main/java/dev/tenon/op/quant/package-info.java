/**
 * Operators that quantise, and operators that compute with quantised numbers. Each is one record. {@link
 * dev.tenon.op.quant.BlockFormat} knows the forms of weights in GGUF files. Where a result depends
 * on rounding, they follow the standard's formula in float32 step by step and do not compute in double: a quantised
 * number that is off by one is a wrong number.
 *
 * <p>Kernels, graphs and rules that fuse quantised operators do not belong here. To add an operator, write its record,
 * its line in {@code QuantOperators} ({@code dev.tenon.op.catalog}), or in {@code FusedOperators} if ONNX lacks it, and a class of
 * test cases.
 */
package dev.tenon.op.quant;
