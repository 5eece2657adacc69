/**
 * Quantisation of weights alone: int8 with a scale for each output, and 4 bits with a scale for each block. Products
 * stay products of floating-point numbers.
 *
 * <p>Must not live here: scales of activations.
 *
 * <p>To add a way to choose codes: a constant of {@link dev.tenon.compression.quantize.weights.BlockRounding}, and its
 * case in the step.
 */
package dev.tenon.compression.quantize.weights;
