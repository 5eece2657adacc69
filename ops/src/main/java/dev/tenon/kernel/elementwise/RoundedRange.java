package dev.tenon.kernel.elementwise;

/**
 * The treatment of a scaled number: it is rounded to the nearest integer, half to even, and limited; then it is multiplied. NaN
 * becomes the lower limit. All numbers but the factor are integers of at most 21 bits.
 *
 * @param low the lower limit
 * @param high the upper limit
 * @param off what is taken off a limited integer
 * @param factor what the difference is multiplied with
 */
public record RoundedRange(float low, float high, float off, float factor) {}
