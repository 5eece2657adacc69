/**
 * Small files that keep what a long run has found out, so that a later run need not find it out again.
 *
 * <p>Must not live here: choices of a search or of a recipe, which only name values.
 *
 * <p>To keep more: put a value under a name of its own into {@link dev.tenon.compression.checkpoint.CheckpointFile}.
 */
package dev.tenon.compression.checkpoint;
