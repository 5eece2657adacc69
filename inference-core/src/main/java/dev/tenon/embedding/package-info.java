/**
 * Vectors of texts, and scores of pairs of texts: {@link dev.tenon.embedding.TextEmbedder} and
 * {@link dev.tenon.embedding.CrossEncoder} read the folders that sentence-transformers saves, with the model in the format ONNX.
 *
 * <p>{@code Encoder} runs rows of tokens, those of similar length together; both stand on it. Settings of folders are read in
 * {@code dev.tenon.text.file}. Must not live here: tokenizers, and stores of vectors. A new way to make a vector of tokens is a
 * constant of {@link dev.tenon.embedding.Pooling}.
 */
package dev.tenon.embedding;
