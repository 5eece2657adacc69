/**
 * Tests of real models against stored outputs and against ONNX Runtime. {@code benchmarks/fetch-models} stores the
 * models of {@code benchmarks/models.tsv} in the folder that {@code -Dtenon.models} names. The folder that
 * {@code -Dtenon.shared} names has the small trained models.
 *
 * <p>Must not live here: expected numbers that Tenon computed. To add a model: add one line to
 * {@code benchmarks/models.tsv} and one to {@link dev.tenon.samples.models.RealModelsTest}.
 */
package dev.tenon.samples.models;
