/**
 * Quantisation of weights and activations to integers.
 *
 * <p>Must not live here: weights alone, which have a package of their own.
 */
package dev.tenon.compression.quantize;
