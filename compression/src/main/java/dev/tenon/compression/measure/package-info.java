/**
 * Times of two calls beside each other. How models become calls, and how times become reports, is not here: see
 * {@code LatencyMeter} and {@code Stopwatch}, which are one more user each.
 */
package dev.tenon.compression.measure;
