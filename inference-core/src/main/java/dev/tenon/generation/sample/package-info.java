/**
 * Chooses the next token from logits, as {@link dev.tenon.generation.Sampling} describes it. Not exported.
 *
 * <p>All of it is plain Java arithmetic, which has the same bits on every machine: not {@link java.lang.Math#exp}, which may differ in
 * the last place. A choice takes time in proportion to the vocabulary, sorts nothing, and allocates nothing in proportion to it.
 * Must not live here: anything that knows sequences, pages or time.
 */
package dev.tenon.generation.sample;
