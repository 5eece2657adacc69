/**
 * Rules that find one operator in several: activations, normalisations, squeeze-and-excitation.
 *
 * <p>Fusion of arbitrary element-wise operators must not live here: it is a pass, {@code Fusion}. To add a rule, see
 * {@link dev.tenon.graph.rules}.
 */
package dev.tenon.graph.rules.fusion;
