/**
 * Sentence embeddings with all-MiniLM-L6-v2, or with a model of the caller's: embed sentences, and compare them.
 *
 * <p>Must not live here: tokenizers, which belong to {@code dev.tenon.text}, and pooling, which belongs to
 * {@code dev.tenon.embedding}.
 */
package dev.tenon.samples.embeddings;
