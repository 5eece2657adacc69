/**
 * Measures how the time to load, optimise, plan, run and write a model grows with the size of the model.
 *
 * <p>A {@code Family} makes models of one form and any size: many nodes, outputs, symbols, operands, functions,
 * attributes and more. {@link dev.tenon.benchmarks.growth.GrowthRun} runs all stages of all families at several sizes,
 * and reports where the time for one element grows.
 *
 * <p>Must not live here: benchmarks that compare engines.
 *
 * <p>To add a form of model: one constant of {@code Family}.
 */
package dev.tenon.benchmarks.growth;
