/**
 * Plain-text tables of sentence similarities.
 *
 * <p>Must not live here: code that runs a model, and tokenizers, which are in {@code dev.tenon.text}. To add another way to
 * print vectors: a class like {@link dev.tenon.samples.text.SimilarityTable}.
 */
package dev.tenon.samples.text;
