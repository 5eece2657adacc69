/**
 * Attention in x86-64 code: keys and values are packed into panels, and the functions of the neighbouring packages multiply, make
 * probabilities and pack. Operands of quantised models are rounded on the way.
 */
package dev.tenon.kernel.x64.attention;
