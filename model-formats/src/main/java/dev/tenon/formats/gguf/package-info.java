/**
 * GGUF, the container of llama.cpp: typed keys and values, then tensors. {@link dev.tenon.formats.gguf.GgufFile} reads,
 * {@link dev.tenon.formats.gguf.GgufWriter} writes.
 *
 * <p>Only the container belongs here. The meaning of keys and tensors is in {@code dev.tenon.formats.decoder} and
 * {@code dev.tenon.text.file}. A new type of tensor is a constant of {@link dev.tenon.formats.gguf.GgufType}.
 */
package dev.tenon.formats.gguf;
