/**
 * Benchmarks that compare Tenon with peers, which are other engines such as ONNX Runtime, and with the peaks of the
 * machine. This package is the command line: {@link dev.tenon.benchmarks.Compare} starts what the first word of {@code
 * benchmarks/run} names, either a {@code Suite} or a run of its own.
 *
 * <p>Read {@code Compare} first. A suite takes its cases from {@code cases}, {@code operators} or {@code trees}, prepares each
 * in an engine of {@code engine}, measures them in {@code forks} beside the limits of {@code ceiling}, and prints {@code
 * results}. {@code Suite.OVERSUBSCRIPTION} runs models on more threads than there are processors. Other runs have their loops
 * here or in packages of their own: {@code FreshRuns} measures programs of {@code fresh} in new JVMs, {@code CallersRun} many
 * callers, {@code ThreadsRun} the gain of a second thread, {@code BatchingRun} the gain of rows that run together, {@code load}
 * calls that arrive at random, {@code growth} models that grow. JMH runs {@code parts} by name.
 *
 * <p>Must not live here: code that the library needs, and cases.
 *
 * <p>To add a benchmark:
 * <ul>
 * <li>a suite: a JMH benchmark and its case, see {@code cases}, and an entry in {@code Suite}
 * <li>an operator or a kernel: a line of text, see {@code operators}
 * <li>a model: only its file
 * <li>a peer: see {@code engine}
 * <li>a run of its own: a class with {@code NAME}, {@code help} and {@code run}, a line in {@code Compare} and one in {@code
 *     CompareOptions}
 * </ul>
 *
 * <p>The peaks of the machine are measured in the same run as the engines. {@link dev.tenon.benchmarks.ceiling.FmaPeak} is the
 * only class outside of {@code dev.tenon.kernel.vector} that uses the Vector API, because a peak must not depend on the kernels.
 */
package dev.tenon.benchmarks;
