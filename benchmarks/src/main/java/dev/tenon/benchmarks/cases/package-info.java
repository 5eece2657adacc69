/**
 * Cases of suites: a {@link dev.tenon.benchmarks.cases.BenchmarkCase} is one computation on given inputs, which each engine
 * prepares for itself. Beside each kind of case stands the JMH benchmark that calls it, such as {@code ModelCase} and {@code
 * ModelBenchmark}. Read {@code BenchmarkCase} first, then {@link dev.tenon.benchmarks.cases.Agreement}, which says when the
 * outputs of two engines agree.
 *
 * <p>Must not live here: engines, results of measurements, and cases of single operators. To add a case: a record that
 * implements {@code BenchmarkCase}, a JMH benchmark of it, and an entry in {@code Suite}.
 */
package dev.tenon.benchmarks.cases;
