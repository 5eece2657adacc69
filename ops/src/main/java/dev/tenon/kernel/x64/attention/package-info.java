/**
 * Attention in x86-64 code: keys and values are packed into panels, and the functions for products and softmax of the
 * neighbouring packages do the rest.
 */
package dev.tenon.kernel.x64.attention;
