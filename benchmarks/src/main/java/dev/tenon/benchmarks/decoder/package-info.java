/**
 * Decoders beside llama.cpp: the speed of single steps, and the perplexity of block formats. Files with random weights are made
 * here; trained weights come from {@code benchmarks/decoders/train.py}. Serving and sampling do not belong here.
 */
package dev.tenon.benchmarks.decoder;
