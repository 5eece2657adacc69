/**
 * Operators of transformers and of their recurrent kin: attention over keys, rotary positions, caches, linear
 * attention, the causal convolution before it, gated activations. One record each, listed in {@link
 * dev.tenon.op.attention.AttentionOps}; the shapes that attention works on are in {@link dev.tenon.op.attention.Heads}.
 *
 * <p>What must not live here: kernels, graphs, older forms of an operator. To add an operator: its record, its line in
 * {@code AttentionOps}, its cases.
 */
package dev.tenon.op.attention;
