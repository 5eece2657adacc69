/**
 * Cases of single operators and of single kernels, and the lists of both. {@code OperatorText} reads an operator from a line of
 * text; {@link dev.tenon.benchmarks.operators.OperatorCase} runs it as a model, in every engine; {@link
 * dev.tenon.benchmarks.operators.KernelCase} runs it in one kernel of Tenon.
 *
 * <p>Must not live here: whole models. To add an operator: a text of {@code OperatorCase}, and a value of {@link
 * dev.tenon.benchmarks.operators.OperatorBenchmark}. To add a kernel: a line of {@code KernelOperators}; a test fails if a
 * kernel has none.
 */
package dev.tenon.benchmarks.operators;
