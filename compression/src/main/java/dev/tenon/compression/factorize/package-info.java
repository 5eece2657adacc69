/**
 * Low-rank factorisation: a layer becomes two or three smaller ones. {@link dev.tenon.compression.factorize.LowRank} is the
 * entry.
 *
 * <p>Must not live here: pruning, though both remove what counts least.
 *
 * <p>To add a form: a {@code Form} that makes factors of a layer, and a line in {@code Forms}.
 */
package dev.tenon.compression.factorize;
