/**
 * Keys and values of sequences in pages: the decoder that runs on them, and which sequence holds which page. Not exported.
 */
package dev.tenon.generation.cache;
