/**
 * Makes trained models smaller and faster: quantisation, pruning, factorisation, distillation. Nothing of it is there yet.
 *
 * <p>What is to live here: the entry points, the recipes and their reports; each technique gets a sub-package. What must
 * not: anything another ONNX runtime could not load, for what compression writes is plain ONNX. A new technique is a
 * sub-package and one kind of step in a recipe.
 */
package dev.tenon.compression;
