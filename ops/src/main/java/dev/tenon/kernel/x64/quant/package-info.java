/** Quantisation and dequantisation in x86-64 code, with the bits of the reference. */
package dev.tenon.kernel.x64.quant;
