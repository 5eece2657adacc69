/**
 * The kernel family of attention, of rotary embedding, and of writing into a KV cache. A problem describes the work in
 * a form that every tier understands: {@link dev.tenon.kernel.attention.AttentionProblem} for Attention,
 * {@link dev.tenon.kernel.attention.RotaryProblem} for RotaryEmbedding,
 * {@link dev.tenon.kernel.attention.TensorScatterProblem} for TensorScatter,
 * {@link dev.tenon.kernel.attention.PagedProblem} for PagedAttention.
 * {@link dev.tenon.kernel.attention.AttentionOperands} knows the offsets of operands in their layouts.
 *
 * <p>Must not live here: loops over elements, which belong to {@code dev.tenon.kernel.scalar.attention} and
 * {@code dev.tenon.kernel.vector.attention}; tables of kernels, which belong to {@code dev.tenon.kernel.table}. This
 * package must not depend on any of these three.
 *
 * <p>To add a kernel: write it in the package of its tier, then add one line to the family's table.
 */
package dev.tenon.kernel.attention;
