/**
 * Real models against stored outputs and against ONNX Runtime. Those of {@code benchmarks/models.tsv} lie in the folder
 * that {@code -Dtenon.models} names, once {@code benchmarks/fetch-models} has run; the trained ones lie in the folder that
 * {@code -Dtenon.shared} names.
 *
 * <p>What must not live here: numbers copied from our own output. To add a model: a line in {@code benchmarks/models.tsv}
 * and one in {@link dev.tenon.samples.models.RealModelsTest}.
 */
package dev.tenon.samples.models;
