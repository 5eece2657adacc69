/**
 * Benchmarks of Tenon against its peers and against what the machine can do.
 *
 * <p>What must not live here: code that the library needs. To add a benchmark: a class with JMH's annotations, a
 * {@code BenchmarkCase} that prepares each engine for the same inputs, and an entry in {@code Suite}, by which
 * {@link dev.tenon.benchmarks.Compare} runs it; an operator is a text of {@code OperatorCase} and a value of
 * {@link dev.tenon.benchmarks.OperatorBenchmark}; a kernel is a line of {@code KernelOperators}, and a test says which
 * has none; a model needs no more than its file. To add a peer: see {@code Engines}. What only a fresh
 * JVM shows is measured by {@code FreshRuns}, whose programs must load nothing that they do not measure; what only many
 * callers show, by {@code CallersRun}; what a second thread brings, by {@code ThreadsRun}.
 *
 * <p>Ceilings of the machine, {@link dev.tenon.benchmarks.FmaPeak} and {@link dev.tenon.benchmarks.CopyPeak}, are measured
 * in the same run as what is held against them. The former alone uses the Vector API outside of
 * {@code dev.tenon.kernel.vector}: a ceiling is to owe nothing to the kernels.
 */
package dev.tenon.benchmarks;
