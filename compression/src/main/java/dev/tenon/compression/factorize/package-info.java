/**
 * Low-rank factorisation: a layer becomes two or three smaller ones. {@link dev.tenon.compression.factorize.LowRank} is the
 * entry.
 *
 * <p>Must not live here: pruning, though both remove what counts least.
 *
 * <p>To add a form: a method of {@code Forms}, and a candidate in {@code LowRank}.
 */
package dev.tenon.compression.factorize;
