/** Tests of quantised weights. */
package dev.tenon.compression.quantize.weights;
