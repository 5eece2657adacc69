/**
 * Quantisation to INT8: weights and activations as integers with a scale, written as QuantizeLinear and DequantizeLinear, and
 * weights of fewer bits on the same frame. {@link dev.tenon.compression.quantize.Quantize} is the entry.
 *
 * <p>Must not live here: statistics of values, which are in {@code calibrate}, and weights alone.
 *
 * <p>To add a way to round weights: implement {@link dev.tenon.compression.quantize.WeightRounding}. To quantise one more
 * operator: a line in the table of placements.
 */
package dev.tenon.compression.quantize;
