/**
 * The engines that are compared: Tenon, ONNX Runtime, OpenBLAS, oneDNN, JPMML. Each prepares an operator or a model once and
 * runs it
 * many times ({@link dev.tenon.benchmarks.engine.PreparedRun}). Must not live here: cases to measure, and how results are
 * compared. To add an engine: a class that implements {@link dev.tenon.benchmarks.engine.PreparedRun}, and its name in {@link
 * dev.tenon.benchmarks.engine.Engines}. An operator that oneDNN computes: a line of {@code OneDnnRecipes}.
 */
package dev.tenon.benchmarks.engine;
