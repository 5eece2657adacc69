/**
 * Attention in x86-64 code: keys and values are packed into panels, and the functions of the neighbouring packages multiply, make
 * probabilities and pack. Operands of quantised models are rounded on the way. Attention over pages has functions of its own, which
 * read keys and values in their place.
 */
package dev.tenon.kernel.x64.attention;
