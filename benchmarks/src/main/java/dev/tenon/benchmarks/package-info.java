/**
 * Benchmarks that compare Tenon with peers, which are other engines such as ONNX Runtime, and with the peaks of the
 * machine.
 *
 * <p>Must not live here: code that the library needs.
 *
 * <p>To add a benchmark:
 * <ul>
 * <li>a suite: a class with JMH annotations, a {@code BenchmarkCase} that prepares each engine for the same inputs, and
 *     an entry in {@code Suite}; {@link dev.tenon.benchmarks.Compare} runs it
 * <li>an operator: a text of {@code OperatorCase}, and a value of {@link dev.tenon.benchmarks.OperatorBenchmark}
 * <li>a kernel: a line of {@code KernelOperators}; a test fails if a kernel has none
 * <li>a model: only its file
 * <li>a peer: see {@code Engines}
 * </ul>
 *
 * <p>{@code TokenizerBenchmark} has no engines of models, so it is no suite: JMH runs it by name. {@code FreshRuns} measures programs in new JVMs; such programs must load nothing that they do not measure.
 * {@code CallersRun} measures many callers, {@code ThreadsRun} the gain of a second thread, {@code BatchingRun} the gain of rows
 * that run together, {@link dev.tenon.benchmarks.growth.GrowthRun} models that grow.
 *
 * <p>The peaks of the machine, {@link dev.tenon.benchmarks.ceiling.FmaPeak}, {@link
 * dev.tenon.benchmarks.ceiling.InstructionPeak} and {@link dev.tenon.benchmarks.ceiling.CopyPeak}, are measured in the same run
 * as the engines. {@code FmaPeak} is the only class outside of {@code dev.tenon.kernel.vector}
 * that uses the Vector API, because a peak must not depend on the kernels.
 */
package dev.tenon.benchmarks;
