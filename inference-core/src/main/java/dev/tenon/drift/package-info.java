/**
 * Columns of inputs, compared with a reference: numbers and categories. {@code DriftMonitor} in {@code dev.tenon.serving}
 * holds them.
 *
 * <p>Must not live here: formulas of tests, which live in {@code dev.tenon.statistics}. To add a kind of column: a class
 * that implements {@link dev.tenon.drift.Feature}, and a line in {@code DriftMonitor} that chooses it.
 */
package dev.tenon.drift;
