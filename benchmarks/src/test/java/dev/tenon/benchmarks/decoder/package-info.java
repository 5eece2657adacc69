/** Tests of the measurements of decoders, without a clock and without llama.cpp. */
package dev.tenon.benchmarks.decoder;
