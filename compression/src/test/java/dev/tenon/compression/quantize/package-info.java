/** Tests of quantisation to INT8. */
package dev.tenon.compression.quantize;
