/**
 * Sentence embeddings with all-MiniLM-L6-v2: tokenize, run the model, average over the tokens, compare.
 *
 * <p>What must not live here: tokenizing, which is {@code dev.tenon.samples.text}.
 */
package dev.tenon.samples.embeddings;
