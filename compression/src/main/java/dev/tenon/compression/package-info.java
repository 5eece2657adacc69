/**
 * Makes trained models smaller and faster. {@link dev.tenon.compression.Compressor} is the entry.
 *
 * <p>The frame lives here: samples, metrics, steps, and the report. Each technique has a sub-package, and so have recipes.
 * Nothing may be written that another ONNX runtime could not load. A new technique is a sub-package and a line in the table of
 * recipes.
 */
package dev.tenon.compression;
