/**
 * Times of two calls beside each other, and the operations of a call. How models become calls, and how times become reports, is not here: see
 * {@code LatencyMeter}, which times the result of a compression, and {@code Stopwatch}, which times the trials of a search.
 */
package dev.tenon.compression.measure;
