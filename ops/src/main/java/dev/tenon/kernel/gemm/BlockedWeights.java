package dev.tenon.kernel.gemm;

/**
 * Integers that have a scale, and perhaps a zero point, for each block of a row.
 *
 * @param bits the bits of an integer, 4 or 8
 * @param signed whether the integers are signed
 * @param block the elements of a row that share a scale
 * @param hasZeros whether the zero points are given
 */
public record BlockedWeights(int bits, boolean signed, int block, boolean hasZeros) {}
