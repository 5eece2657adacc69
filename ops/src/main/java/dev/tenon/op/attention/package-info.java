/**
 * Operators of transformers and of related recurrent networks: attention over keys and over pages of keys, rotary positions,
 * caches, linear
 * attention, the causal convolution that precedes it, and gated activations. Each is one record.
 *
 * <p>Kernels, graphs and older forms of an operator do not belong here. To add an operator, write its record, its line
 * in {@code AttentionOperators} ({@code dev.tenon.op.catalog}), or in {@code FusedOperators} if ONNX lacks it, and a class of
 * test cases.
 */
package dev.tenon.op.attention;
