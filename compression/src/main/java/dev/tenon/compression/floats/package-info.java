/**
 * Floating-point numbers of 16 bits: float16 to compute with, float16 and bfloat16 to store weights in.
 *
 * <p>Must not live here: integers.
 *
 * <p>To keep an operator in float32: a line of the list in {@code PrecisionPlan}.
 */
package dev.tenon.compression.floats;
