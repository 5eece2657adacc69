/**
 * Pruning: weights that become 0, and channels, neurons and heads that go away. {@link dev.tenon.compression.prune.Prune} is
 * the entry.
 *
 * <p>Must not live here: the second moments of the frame's calibration, and other techniques.
 *
 * <p>To add a way to choose: a constant of {@link dev.tenon.compression.prune.Saliency}, and a case in both steps. To let
 * channels pass another operator: a rule in {@code AxisRules}.
 */
package dev.tenon.compression.prune;
