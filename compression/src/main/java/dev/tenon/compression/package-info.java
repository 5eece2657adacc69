/**
 * Makes trained models smaller and faster: quantisation, pruning, factorisation. {@link dev.tenon.compression.Compressor} is the entry.
 *
 * <p>The entry points, the recipes and their reports will live here; each technique gets a sub-package. Nothing may be
 * written that another ONNX runtime could not load. A new technique is a sub-package and one kind of step in a recipe.
 */
package dev.tenon.compression;
