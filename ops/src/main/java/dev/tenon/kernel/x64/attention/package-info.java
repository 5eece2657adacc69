/**
 * Attention in x86-64 code: keys and values are packed into panels, and the functions for products and softmax of the
 * neighbouring packages do the rest. Operands of quantised models are rounded on the way.
 */
package dev.tenon.kernel.x64.attention;
