/**
 * Sentence embeddings with all-MiniLM-L6-v2: tokenize, run the model, average over the tokens, compare.
 *
 * <p>Must not live here: tokenizers, which belong to {@code dev.tenon.text}.
 */
package dev.tenon.samples.embeddings;
