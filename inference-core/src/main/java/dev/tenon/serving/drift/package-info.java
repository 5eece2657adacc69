/**
 * {@link dev.tenon.serving.drift.DriftMonitor} compares columns of inputs, numbers and categories, and scores with a
 * reference.
 *
 * <p>Must not live here: formulas of tests, which live in {@code dev.tenon.statistics}. To add a kind of column: a class
 * that implements {@code Feature}, and a line in {@link dev.tenon.serving.drift.DriftMonitor} that chooses it.
 */
package dev.tenon.serving.drift;
